import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import type { BlobFile } from '../../filestore/index.ts';
import { PieceBuffers } from './piece-buffers.ts';
import { sendFile, type Segment } from './send-file.ts';

const content = randomBytes(9 * 1024 * 1024 + 17);
const whole: Segment = { start: 0, end: content.length - 1 };
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

class Memory implements BlobFile {
  closed = 0;
  reads = 0;
  readonly #bytes: Buffer;
  readonly #before: (reads: number) => Promise<void> | undefined;

  constructor(bytes = content, before: (reads: number) => Promise<void> | undefined = () => undefined) {
    this.#bytes = bytes;
    this.#before = before;
  }

  async read(into: Buffer, position: number, length: number): Promise<number> {
    this.reads += 1;
    await this.#before(this.reads);
    return this.#bytes.copy(into, 0, position, position + length);
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

interface Serving extends AsyncDisposable { readonly url: string; readonly port: number; readonly buffers: PieceBuffers; readonly over: Promise<number> }

async function serving(file: BlobFile, segments: readonly Segment[], length: number): Promise<Serving> {
  const buffers = new PieceBuffers();
  const app: FastifyInstance = Fastify();
  const { promise: over, resolve } = Promise.withResolvers<number>();
  app.decorateRequest('failure', null);
  app.get('/', async (_request, reply) => {
    reply.raw.once('close', () => { resolve(reply.raw.writableFinished ? reply.raw.statusCode : 499); });
    return sendFile(reply.headers({ 'content-length': length, 'x-kept': 'yes' }), file, segments, buffers);
  });
  app.get('/next', async () => 'next');
  app.get('/never', async () => new Promise(() => undefined));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, port: (app.server.address() as AddressInfo).port, buffers, over, [Symbol.asyncDispose]: () => app.close() };
}

async function ask(port: number, paths = ['/']): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  return socket;
}

test('a whole file, and the same connection afterwards', async () => {
  const file = new Memory();
  await using server = await serving(file, [whole], content.length);
  const answer = await fetch(server.url);
  expect(answer.headers.get('x-kept')).toBe('yes');
  expect(digest(Buffer.from(await answer.arrayBuffer()))).toBe(digest(content));
  expect(await (await fetch(`${server.url}/next`)).text()).toBe('next');
  expect(await server.over).toBe(200);
  expect({ closed: file.closed, held: server.buffers.held }).toEqual({ closed: 1, held: 0 });
  // pieces grow to half a megabyte
  expect(file.reads).toBeLessThan(30);
});

test('parts of a file with bytes between them', async () => {
  const segments = [Buffer.from('first '), { start: 5, end: 700_000 }, Buffer.from(' second '), { start: content.length - 3, end: content.length - 1 }, Buffer.from(' end')];
  const expected = Buffer.concat(segments.map((each) => (Buffer.isBuffer(each) ? each : content.subarray(each.start, each.end + 1))));
  await using server = await serving(new Memory(), segments, expected.length);
  expect(digest(Buffer.from(await (await fetch(server.url)).arrayBuffer()))).toBe(digest(expected));
});

test('a file that cannot be read is answered as an error, and closed', async () => {
  const file = new Memory(content, () => Promise.reject(new Error('no')));
  await using server = await serving(file, [whole], content.length);
  expect((await fetch(server.url)).status).toBe(500);
  expect({ closed: file.closed, held: server.buffers.held }).toEqual({ closed: 1, held: 0 });
});

test.each([
  ['that is shorter than its row says', new Memory(content.subarray(0, 2_000_000))],
  ['that fails on the way', new Memory(content, (reads) => (reads > 3 ? Promise.reject(new Error('no')) : undefined))],
])('a file %s is a broken transfer', async (_name, file) => {
  await using server = await serving(file, [whole], content.length);
  await expect((await fetch(server.url)).arrayBuffer()).rejects.toThrow();
  expect(await server.over).toBe(499);
  expect({ closed: file.closed, held: server.buffers.held }).toEqual({ closed: 1, held: 0 });
});

test('nothing is read ahead for a client that does not fetch, and the file is closed when it leaves', async () => {
  const large = Buffer.alloc(64 * 1024 * 1024);
  const file = new Memory(large);
  await using server = await serving(file, [{ start: 0, end: large.length - 1 }], large.length);
  const socket = await ask(server.port);
  socket.pause();
  let reads = -1;
  // the system's own buffers are full when nothing moves any more
  await expect.poll(() => [reads, reads = file.reads][0], { interval: 200 }).toSatisfy((before: number) => before === file.reads && before > 0);
  expect(file.reads).toBeLessThan(60);
  expect(server.buffers.held).toBeGreaterThan(0);
  socket.destroy();
  expect(await server.over).toBe(499);
  await expect.poll(() => [file.closed, server.buffers.held]).toEqual([1, 0]);
});

test('a client that leaves while a piece is read leaves nothing behind', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const file = new Memory(content, (reads) => (reads === 2 ? promise : undefined));
  await using server = await serving(file, [whole], content.length);
  const socket = await ask(server.port);
  await once(socket, 'data');
  await expect.poll(() => file.reads).toBe(2);
  socket.destroy();
  expect(await server.over).toBe(499);
  expect(file.closed).toBe(0);
  resolve(undefined);
  await expect.poll(() => [file.closed, server.buffers.held]).toEqual([1, 0]);
});

test('an answer that waits for the one before it on the connection goes with it', async () => {
  const file = new Memory();
  await using server = await serving(file, [whole], content.length);
  const socket = await ask(server.port, ['/never', '/']);
  await expect.poll(() => file.reads).toBe(1);
  socket.destroy();
  expect(await server.over).toBe(499);
  await expect.poll(() => [file.closed, server.buffers.held]).toEqual([1, 0]);
});
