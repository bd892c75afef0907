import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../test/harness/wait-for.ts';
import { limitSockets } from './socket-limits.ts';

const idleMs = 1000;
/** more than the buffers of both sides take */
const answer = Buffer.alloc(64 * 2 ** 20);

let app: FastifyInstance;
let clients: Socket[];
let served: Socket[];

beforeEach(async () => {
  clients = [];
  served = [];
  app = Fastify();
  app.get('/large', () => answer);
  app.get('/stall', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, idleMs * 2);
    return 'stalled';
  });
  limitSockets(app, idleMs);
  app.server.on('connection', (socket) => { served.push(socket); });
  await app.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const socket of clients) socket.destroy();
  await app.close();
});

/** A client that has got the first bytes of its answer, and waits. */
async function ask(path: string): Promise<Socket> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(socket);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

const stillServed = (index: number): boolean => served[index]?.destroyed === false;

test('a reader that fetches nothing is cut off', async () => {
  await ask('/large');
  await waitFor('the connection to be cut', () => !stillServed(0));
});

test('a reader that is slow, but fetches, is not', async () => {
  const reader = await ask('/large');
  const begun = performance.now();
  await waitFor('a while in which it would be cut', () => {
    reader.read();
    return performance.now() - begun > idleMs * 4;
  });
  expect(stillServed(0)).toBe(true);
});

test('a node that stood still itself does not blame its readers', async () => {
  await ask('/large');
  await ask('/stall');
  await ask('/stall');
  expect(stillServed(0)).toBe(true);
});
