import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Dispatcher } from './dispatcher.ts';
import type { Worker } from './worker.ts';

/** A worker that takes connections when the test says so. */
class Taker {
  readonly sockets: Socket[] = [];
  readonly #asked: ((accepted: boolean) => void)[] = [];

  get isTaking(): boolean {
    return this.#asked.length > 0;
  }

  hand(socket: Socket): Promise<boolean> {
    this.sockets.push(socket);
    return new Promise((resolve) => { this.#asked.push(resolve); });
  }

  answer(accepted: boolean): void {
    this.#asked.shift()?.(accepted);
  }
}

let server: Server;
let takers: Taker[];
const clients: Socket[] = [];
beforeEach(async () => {
  takers = [];
  server = createServer((_request, response) => { response.end('here'); });
  new Dispatcher(server, () => takers as unknown as Worker[], 3);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const { sockets } of takers) for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function client(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  clients.push(socket);
  await once(socket, 'connect');
  return socket;
}

const counts = (): number[] => takers.map(({ sockets }) => sockets.length);

async function answerOf(socket: Socket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  const [answer] = await once(socket, 'data') as [Buffer];
  return answer.toString();
}

test('without workers, the process of the node answers itself', async () => {
  const answer = await answerOf(await client());
  expect(answer).toContain('here');
  expect(answer).toContain('Connection: keep-alive');
});

test('who was served here comes again, to a worker', async () => {
  const socket = await client();
  await answerOf(socket);
  takers = [new Taker()];
  expect(await answerOf(socket)).toContain('Connection: close');
});

test('workers take connections in turn, and nothing is read from one before', async () => {
  takers = [new Taker(), new Taker()];
  for (let count = 1; count <= 6; count += 1) {
    (await client()).write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await expect.poll(() => counts().reduce((sum, each) => sum + each, 0)).toBe(count);
    for (const { sockets } of takers) for (const socket of sockets) expect(socket.bytesRead).toBe(0);
    for (const taker of takers) taker.answer(true);
  }
  expect(counts()).toEqual([3, 3]);
});

test('one that does not take holds up nobody', async () => {
  takers = [new Taker(), new Taker()];
  for (let count = 1; count <= 5; count += 1) {
    await client();
    await expect.poll(() => counts().reduce((sum, each) => sum + each, 0)).toBe(count);
    takers[0]!.answer(true);
  }
  expect(counts()).toEqual([4, 1]);
});

test('a connection that a worker did not take before it ended goes to another one', async () => {
  takers = [new Taker()];
  const socket = await client();
  await expect.poll(() => counts()[0]).toBe(1);
  const [ended] = takers;
  takers = [new Taker()];
  ended!.answer(false);
  await expect.poll(() => counts()[0]).toBe(1);
  expect(takers[0]!.sockets[0]).toBe(ended!.sockets[0]);
  expect(socket.destroyed).toBe(false);
});

test('… or is served here when there is none', async () => {
  takers = [new Taker()];
  const socket = await client();
  await expect.poll(() => counts()[0]).toBe(1);
  const [ended] = takers;
  takers = [];
  ended!.answer(false);
  expect(await answerOf(socket)).toContain('here');
});

test('no more connections wait for workers than may be open', async () => {
  takers = [new Taker()];
  const sockets = [];
  for (let count = 0; count < 5; count += 1) sockets.push((await client()).resume());
  // one is being taken, three wait
  await once(sockets[4]!, 'close');
  expect(sockets.filter(({ destroyed }) => destroyed)).toHaveLength(1);
  for (let count = 1; count <= 4; count += 1) {
    await expect.poll(() => counts()[0]).toBe(count);
    takers[0]!.answer(true);
  }
});
