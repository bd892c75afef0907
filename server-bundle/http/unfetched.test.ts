import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../test/harness/wait-for.ts';
import { limitConnections } from './connection-limit.ts';
import { takeHeads } from './hot/request-heads.ts';
import { isFetching, keepUnfetched } from './unfetched.ts';

/** more than the buffers of both sides take */
const body = Buffer.alloc(32 * 2 ** 20, 'b');
const head = `HTTP/1.1 200 OK\r\nContent-Length: ${String(body.length)}\r\n\r\n`;

let server: Server;
let served: Socket[];
let clients: Socket[];
beforeEach(async () => {
  served = [];
  clients = [];
  server = createServer(({ url }, response) => { response.end(url === '/small' ? 'small' : body); });
  keepUnfetched(server);
  server.on('connection', (socket: Socket) => {
    served.push(socket);
    takeHeads(socket, ({ target }) => {
      if (target !== '/hot') return false;
      socket.write(head);
      socket.write(body);
      return true;
    }, 10_000);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  for (const client of clients) client.destroy();
  server.closeAllConnections();
  server.close();
});

async function open(): Promise<Socket> {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  client.on('error', () => undefined);
  clients.push(client);
  const accepted = once(server, 'connection');
  await once(client, 'connect');
  if (served.length < clients.length) await accepted;
  return client;
}

async function ask(target: string): Promise<Socket> {
  const client = await open();
  client.write(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
  await waitFor('an answer that waits for its reader', () => served.at(-1)?.writableLength !== 0);
  return client;
}

test.each(['/hot', '/usual'])('a server that closes lets an answer be fetched to its end (%s)', async (target) => {
  const reader = await ask(target);
  const idle = await open();
  idle.write('GET /small HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(idle.resume(), 'data');
  const ended = once(idle, 'close');
  server.close();
  server.closeIdleConnections();
  await ended;
  let got = 0;
  reader.on('data', (chunk: Buffer) => { got += chunk.length; });
  await once(reader.resume(), 'close');
  expect(got).toBeGreaterThan(body.length);
});

test('one connection too many does not cut an answer that is fetched', async () => {
  limitConnections(server, 1, isFetching);
  const reader = await ask('/hot');
  const another = await open();
  await once(another.resume(), 'close');
  expect(served.map(({ destroyed }) => destroyed)).toEqual([false, true]);
  reader.destroy();
});
