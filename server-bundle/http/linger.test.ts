import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../test/harness/wait-for.ts';
import { lingerBehindRefusals } from './linger.ts';

/** more than the buffers of both sides take */
const size = 32 * 2 ** 20;

let app: FastifyInstance;
let served: Socket[];

beforeEach(async () => {
  served = [];
  app = Fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => { done(null, payload); });
  lingerBehindRefusals(app);
  app.put('/refused', (_request, reply) => reply.code(413).header('connection', 'close').send('far too large'));
  app.server.on('connection', (socket) => { served.push(socket); });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => app.close());

async function open(): Promise<Socket> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`PUT /refused HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(size)}\r\n\r\n`);
  return socket;
}

const closed = (): boolean => served.every(({ destroyed }) => destroyed);

test('a client that reads only after it has sent everything learns why it was refused', async () => {
  const socket = await open();
  const piece = Buffer.alloc(64 * 1024);
  for (let sent = 0; sent < size; sent += piece.length) {
    if (!socket.write(piece)) await once(socket, 'drain');
  }
  const answer = Buffer.concat(await socket.toArray() as Buffer[]).toString();
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('far too large');
  await waitFor('the connection to be closed', closed);
});

test('one that sends nothing more, and does not close either, is not waited for', async () => {
  const socket = await open();
  socket.on('error', () => undefined);
  await waitFor('the connection to be closed', closed);
  socket.destroy();
});
