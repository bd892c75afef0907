import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNodeAgent, NodeApi } from '../node-api/index.ts';
import { Uploads } from './uploads.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Stores nothing, and says what it received. */
const stores: Answer = (request, response) => {
  const hash = createHash('sha256');
  let size = 0;
  request.on('data', (chunk: Buffer) => { hash.update(chunk); size += chunk.length; });
  request.on('end', () => { response.writeHead(201).end(JSON.stringify({ size: String(size), downloadUri: `http://front${request.url ?? ''}`, checksums: { sha256: hash.digest('hex') } })); });
};

let node: Server;
let answer: Answer;
let asked: { url: string; length: string | undefined; aborted: boolean }[];
let uploads: Uploads;
let agent: ReturnType<typeof createNodeAgent>;
let api: NodeApi;

beforeEach(async () => {
  asked = [];
  answer = stores;
  node = createServer((request, response) => {
    const entry = { url: request.url ?? '', length: request.headers['content-length'], aborted: false };
    asked.push(entry);
    request.on('error', () => undefined).on('close', () => { entry.aborted = !request.complete; });
    answer(request, response);
  });
  await new Promise<void>((resolve) => { node.listen(0, '127.0.0.1', resolve); });
  agent = createNodeAgent();
  api = new NodeApi({ nodeId: 'n', url: `http://127.0.0.1:${(node.address() as AddressInfo).port}` }, { user: 'admin', password: 'p' }, agent);
  uploads = new Uploads();
});
afterEach(async () => {
  uploads.close();
  await agent.destroy();
  node.closeAllConnections();
  await new Promise<void>((resolve) => { node.close(() => resolve()); });
});

const begin = (size: number, path = 'a b/ü;v=1#.bin'): string => uploads.begin({ clusterId: 'demo', repository: 'r', path, size }, api);

it('passes slices on as one body, and vouches for what the node stored', async () => {
  const bytes = randomBytes(5_000_000);
  const uploadId = begin(bytes.length);
  for (let at = 0; at < bytes.length; at += 1_000_000) await uploads.slice(uploadId, at, bytes.subarray(at, at + 1_000_000));
  expect(await uploads.finish(uploadId)).toMatchObject({ repository: 'r', size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  expect(asked).toMatchObject([{ url: '/artifactory/r/a%20b/%C3%BC%3Bv%3D1%23.bin', length: String(bytes.length) }]);
  await expect(uploads.finish(uploadId)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
});

it('takes an empty file', async () => {
  expect(await uploads.finish(begin(0))).toMatchObject({ size: 0 });
});

it('refuses slices out of order, slices beyond the end, and an end that comes too early', async () => {
  const uploadId = begin(10);
  await uploads.slice(uploadId, 0, Buffer.from('12345'));
  await expect(uploads.slice(uploadId, 4, Buffer.from('x'))).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  await expect(uploads.slice(uploadId, 5, Buffer.from('678901'))).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  await expect(uploads.finish(uploadId)).rejects.toMatchObject({ code: 'BODY_TRUNCATED' });
  await uploads.slice(uploadId, 5, Buffer.from('67890'));
  expect(await uploads.finish(uploadId)).toMatchObject({ sha256: createHash('sha256').update('1234567890').digest('hex') });
});

it('waits while the node does not read, so that no file piles up here', async () => {
  let goOn = (): void => undefined;
  answer = (request, response) => { goOn = () => { stores(request, response); }; };
  const size = 64 * 1024 * 1024;
  const slice = Buffer.alloc(4 * 1024 * 1024);
  const uploadId = begin(size);
  let sent = 0;
  const sending = (async () => {
    for (; sent < size; sent += slice.length) await uploads.slice(uploadId, sent, slice);
  })();
  // sockets and pipes hold a few MB; what counts is that it does not go on
  await expect.poll(async () => {
    const before = sent;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    return before > 0 && sent === before;
  }).toBe(true);
  expect(sent).toBeLessThan(size / 2);
  goOn();
  await sending;
  expect(await uploads.finish(uploadId)).toMatchObject({ size });
});

it('tells what the node has against it, as soon as it says so', async () => {
  answer = (request, response) => {
    response.writeHead(403, { connection: 'close' }).end(JSON.stringify({ errors: [{ status: 403, code: 'FORBIDDEN', message: 'admin may not', hint: 'h' }] }));
    request.resume();
  };
  const uploadId = begin(1_000_000_000);
  const sending = async (): Promise<void> => {
    for (let at = 0; ; at += 65_536) await uploads.slice(uploadId, at, Buffer.alloc(65_536));
  };
  await expect(sending()).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'admin may not' });
});

it('breaks the request off when it is cancelled', async () => {
  const uploadId = begin(1000);
  await uploads.slice(uploadId, 0, Buffer.from('begun'));
  await expect.poll(() => asked.length).toBe(1);
  uploads.cancel(uploadId);
  await expect.poll(() => asked[0]?.aborted).toBe(true);
  await expect(uploads.slice(uploadId, 5, Buffer.from('more'))).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
});

it('does not believe a node that stored something else', async () => {
  answer = (request, response) => {
    request.resume().on('end', () => { response.writeHead(201).end(JSON.stringify({ size: '4', downloadUri: 'u', checksums: { sha256: 'f'.repeat(64) } })); });
  };
  const uploadId = begin(4);
  await uploads.slice(uploadId, 0, Buffer.from('four'));
  await expect(uploads.finish(uploadId)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
});
