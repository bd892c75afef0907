import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../harness/wait-for.ts';
import { admin, startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
let held: PromiseWithResolvers<undefined>;
let received = 0;
beforeAll(async () => {
  node = await startLoneNode({ idleTimeoutMs: 1000, maxInFlight: 8, maxJsonBytes: 4096 }, [(app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => { done(null, payload); });
    app.route({ method: ['GET', 'HEAD'], url: '/artifactory/api/test/*', handler: async () => {
      await held.promise;
      return 'content';
    } });
    app.put('/artifactory/api/test/*', async (request, reply) => {
      received = 0;
      for await (const chunk of request.body as AsyncIterable<Buffer>) received += chunk.length;
      return reply.code(201).send({ received });
    });
  }]);
});
afterAll(() => node[Symbol.asyncDispose]());

const sockets = new Set<Socket>();
beforeEach(() => {
  node.log.length = 0;
  held = Promise.withResolvers();
  held.resolve(undefined);
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

const login = `Authorization: Basic ${Buffer.from(`${admin.user}:${admin.password}`).toString('base64')}\r\n`;

async function open(): Promise<Socket> {
  const socket = connect(node.port, '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes back until the server closes, as it does with every connection that is idle; or until somebody has no more patience. */
async function send(bytes: string | Buffer, patienceMs = 60_000): Promise<string> {
  const socket = await open();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = once(socket, 'close');
  socket.write(bytes);
  await Promise.race([closed, delay(patienceMs, undefined, { ref: false })]);
  return Buffer.concat(chunks).toString('latin1');
}

function expectError(answer: string, status: number, code: string): void {
  expect(answer.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ status, code }] });
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`;

test.each([
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400, 'REQUEST_INVALID'],
  ['an unknown method', get('/').replace('GET', 'FROB'), 400, 'REQUEST_INVALID'],
  ['a bad version', get('/').replace('HTTP/1.1', 'HTTP/9.9'), 400, 'REQUEST_INVALID'],
  ['a broken header', get('/artifactory/api/system/ping', 'No colon here\r\n'), 400, 'REQUEST_INVALID'],
  ['NUL in a header', get('/artifactory/api/system/ping', 'X-A: a\0b\r\n'), 400, 'REQUEST_INVALID'],
  ['NUL in the path', get('/artifactory/api/test/a\0b'), 400, 'REQUEST_INVALID'],
  ['two lengths', `PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\n${login}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, 400, 'REQUEST_INVALID'],
  ['length and chunks', `PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\n${login}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400, 'REQUEST_INVALID'],
  ['a negative length', `PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\n${login}Content-Length: -3\r\n\r\nabc`, 400, 'REQUEST_INVALID'],
  ['no host', 'GET /artifactory/api/test/a HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'HEADER_INVALID'],
  ['large headers', get('/artifactory/api/system/ping', `X-Large: ${'x'.repeat(40_000)}\r\n`), 431, 'HEADERS_TOO_LARGE'],
  ['a large request line', get(`/artifactory/api/test/${'x'.repeat(40_000)}`), 431, 'HEADERS_TOO_LARGE'],
  ['a broken escape', get('/artifactory/api/test/%zz', login), 400, 'PATH_INVALID'],
  ['an unknown address', get('/somewhere', login), 404, 'ROUTE_NOT_FOUND'],
  ['an unknown call', get('/artifactory/api/nothing/here', login), 404, 'ROUTE_NOT_FOUND'],
  ['an unknown call in disguise', get('/artifactory/%61pi/nothing', login), 404, 'ROUTE_NOT_FOUND'],
  ['an expectation', get('/artifactory/api/test/a', `${login}Expect: miracles\r\n`), 417, 'EXPECTATION_FAILED'],
  ['a wrong method', get('/artifactory/api/system/version', login).replace('GET', 'DELETE'), 405, 'METHOD_NOT_ALLOWED'],
  ['a wrong method without login', get('/artifactory/api/system/version').replace('GET', 'PUT'), 405, 'METHOD_NOT_ALLOWED'],
  ['a WebDAV method', get('/artifactory/api/test/a', login).replace('GET', 'PROPFIND'), 405, 'METHOD_NOT_ALLOWED'],
  ['bad JSON', `PUT /artifactory/api/security/users/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${login}Content-Type: application/json\r\nContent-Length: 4\r\n\r\n{"a"`, 400, 'BODY_INVALID'],
  ['JSON of brackets alone', `PUT /artifactory/api/security/users/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${login}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n${'['.repeat(1000)}`, 400, 'BODY_INVALID'],
  ['an empty JSON body', `PUT /artifactory/api/security/users/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${login}Content-Type: application/json\r\nContent-Length: 0\r\n\r\n`, 400, 'BODY_INVALID'],
  ['poisoned JSON', `PUT /artifactory/api/security/users/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${login}Content-Type: application/json\r\nContent-Length: 18\r\n\r\n{"__proto__":{} } `, 400, 'BODY_INVALID'],
  ['an odd media type', `POST /artifactory/api/security/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${login}Content-Type: image/png\r\nContent-Length: 1\r\n\r\nx`, 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['a large JSON body', `PUT /artifactory/api/security/users/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${login}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n${' '.repeat(5000)}`, 413, 'BODY_TOO_LARGE'],
])('%s', async (_what, bytes, status, code) => {
  expectError(await send(bytes), status, code);
  await waitFor('the log line', () => node.log.length > 0);
  expect(node.log.filter((line) => line.msg !== 'listening')).toHaveLength(1);
  expect(node.log[0]).toMatchObject({ status, code, level: 30 });
});

test('a wrong method is told the right ones', async () => {
  expect(await send(get('/artifactory/api/system/ping', login).replace('GET', 'DELETE'))).toMatch(/\r\nallow: GET, HEAD, POST\r\n/i);
  expect(await send(get('/artifactory/api/test/a', login).replace('GET', 'PATCH'))).toMatch(/\r\nallow: GET, HEAD, PUT\r\n/i);
});

test('the short address of the API is the same as the long one', async () => {
  expect(await send(get('/api/system/ping'))).toMatch(/^HTTP\/1.1 200 OK[^]*\r\n\r\nOK$/);
  expectError(await send(get('/api/nothing')), 404, 'ROUTE_NOT_FOUND');
});

test('a body that ends early is never taken for a whole one', async () => {
  const socket = await open();
  socket.resume();
  socket.end(`PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\n${login}Content-Length: 100\r\n\r\nabc`);
  await once(socket, 'close');
  await waitFor('the log line', () => node.log.length > 0);
  await delay(50);
  expect(node.log).toHaveLength(1);
  expect(Number(node.log[0]?.status)).toBeGreaterThanOrEqual(400);
  expect(Number(node.log[0]?.status)).toBeLessThan(500);
});

test.each([
  ['a small body that ends early', 'Content-Length: 100\r\n\r\nabc', true],
  ['a large body that ends early', `Content-Length: 9000000\r\n\r\n${'x'.repeat(600_000)}`, true],
  ['chunks that end early', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', true],
  ['chunks that are none', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n', false],
  ['a connection that is reset', 'Content-Length: 100\r\n\r\nabc', 'reset'],
])('of %s nothing is stored', async (_what, rest, ending) => {
  const socket = await open();
  let answer = '';
  socket.on('data', (chunk) => { answer += String(chunk); });
  const closed = once(socket, 'close');
  socket.write(`PUT /artifactory/generic-local/cut.bin HTTP/1.1\r\nHost: x\r\n${login}${rest}`);
  if (ending === 'reset') {
    await delay(600);
    socket.resetAndDestroy();
  } else if (ending === true) {
    socket.end();
  }
  await closed;
  if (ending !== 'reset') expect(answer).toMatch(/^HTTP\/1.1 400 .*BODY_TRUNCATED/s);
  await waitFor('the log line', () => node.log.some((line) => line['method'] === 'PUT'));
  await delay(50);
  expect(node.log).toHaveLength(1);
  expect([node.log[0]?.['level'], Number(node.log[0]?.['status']) >= 400 && Number(node.log[0]?.['status']) < 500, node.log[0]]).toEqual([30, true, node.log[0]]);
  expect(await send(get('/artifactory/generic-local/cut.bin', login))).toMatch(/^HTTP\/1.1 404 /);
  await waitFor('an empty staging folder', async () => (await readdir(join(node.config.filestore.path, 'staging'), { recursive: true, withFileTypes: true })).every((entry) => entry.isDirectory()));
});

test('a broken chunk is the client\'s fault', async () => {
  await send(`PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\n${login}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`);
  await waitFor('the log line', () => node.log.length > 0);
  await delay(50);
  expect(node.log).toHaveLength(1);
  expect(Number(node.log[0]?.status)).toBeLessThan(500);
});

test('a client that says it will wait is told to go on only when it may', async () => {
  const refused = await send('PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
  expect(refused).toMatch(/^HTTP\/1.1 401 /);
  expect(refused).not.toContain('100 Continue');
  const taken = await send(`PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\n${login}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`);
  expect(taken).toMatch(/^HTTP\/1.1 100 Continue/);
});

test('a trickle is cut off, a slow but moving upload is not', async () => {
  const trickle = await open();
  const answer: Buffer[] = [];
  trickle.on('data', (chunk: Buffer) => answer.push(chunk));
  trickle.write(`PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\n${login}Content-Length: 1000\r\n\r\n`);
  let drips = 0;
  const drip = setInterval(() => { drips += 1; trickle.write('x'); }, 300);
  await once(trickle, 'close');
  clearInterval(drip);
  // four seconds of a process that is not kept from its work
  expect(drips).toBeLessThan(14);
  expectError(Buffer.concat(answer).toString(), 408, 'REQUEST_TIMEOUT');

  // where this machine makes one wait longer than a client may, another one is tried
  let uploaded = await slowUpload();
  for (let again = 0; again < 5 && uploaded.longestMs > 700; again += 1) uploaded = await slowUpload();
  expect(uploaded.text).toMatch(/^HTTP\/1.1 201 /);
  expect(received).toBe(3000);
});

/** An upload of many parts; with its answer, and the longest time between two of its parts. */
async function slowUpload(): Promise<{ text: string; longestMs: number }> {
  const upload = await open();
  let text = '';
  const closed = once(upload, 'close');
  upload.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  upload.write(`PUT /artifactory/api/test/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${login}Content-Length: 3000\r\n\r\n`);
  let longestMs = 0;
  for (let part = 0; part < 15; part += 1) {
    upload.write('y'.repeat(200));
    const at = performance.now();
    await delay(200);
    longestMs = Math.max(longestMs, performance.now() - at);
  }
  await closed;
  return { text, longestMs };
}

test('above its capacity the node sheds, and stays alive to whoever watches it', async () => {
  held = Promise.withResolvers();
  const busy = await Promise.all(Array.from({ length: 8 }, open));
  for (const socket of busy) socket.write(get('/artifactory/api/test/a', login));
  await waitFor('eight requests under way', async () => (await send(get('/artifactory/api/test/b', login), 1000)).includes('429'));
  const shed = await send(get('/artifactory/api/test/a', login));
  expectError(shed, 429, 'OVERLOADED');
  expect(shed).toMatch(/\r\nretry-after: 1\r\n/i);
  for (const path of ['system/ping', 'v1/system/liveness', 'v1/system/readiness']) expect(await send(get(`/artifactory/api/${path}`))).toMatch(/^HTTP\/1.1 200 /);
  held.resolve(undefined);
  await waitFor('room', async () => (await send(get('/artifactory/api/test/a', login), 5000)).startsWith('HTTP/1.1 200'));
});

test('what does not serve says so', async () => {
  const codes = { starting: 'NOT_SERVING', 'no-database': 'DATABASE_UNAVAILABLE', draining: 'DRAINING', fenced: 'NOT_SERVING' } as const;
  for (const [state, code] of Object.entries(codes)) {
    node.state = state as keyof typeof codes;
    for (const path of ['/artifactory/api/system/ping', '/artifactory/api/v1/system/readiness', '/artifactory/api/test/a']) {
      const answer = await send(get(path, login));
      expectError(answer, 503, code);
      expect(answer).toMatch(/\r\nretry-after: \d+\r\n/i);
    }
    expect(await send(get('/artifactory/api/v1/system/liveness'))).toMatch(/^HTTP\/1.1 200 /);
  }
  node.state = 'serving';
});

test('whole addresses and disguised paths are taken for what they are', async () => {
  expect(await send(get('http://elsewhere/artifactory/api/system/ping'))).toMatch(/^HTTP\/1.1 200 /);
  for (const path of ['/artifactory/generic-local/../../etc/passwd', '/artifactory/generic-local/%2e%2e/x', '/artifactory/generic-local/a%2Fb', '/artifactory/generic-local/a%00b', '/artifactory/generic-local/a%5Cb', '/artifactory/generic-local//b']) {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await send(get(path, `${login}Content-Length: 0\r\n`).replace('GET', method));
      expect([path, method, answer.split('\r\n')[0]]).toEqual([path, method, expect.stringMatching(/^HTTP\/1.1 40[0-9] /)]);
    }
  }
});

test('an upgrade that nobody asked for is ignored', async () => {
  expect(await send(get('/artifactory/api/system/ping', 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n').replace('Connection: close', 'Connection: Upgrade, HTTP2-Settings')))
    .toMatch(/^HTTP\/1.1 200 OK/);
});

test('random bytes never bring a 5xx, nor the server down', async () => {
  const pieces = ['GET ', 'PUT ', 'DELETE ', 'POST ', '/artifactory/', 'generic-local/', 'maven-releases/', 'maven-metadata.xml', '.sha1', 'storage/', 'copy/', '?to=/', '?list', 'repositories/', 'api/', 'security/users/', '%00', '%2e%2e/', '..', '\\', ';', '//', ' HTTP/1.1\r\n', 'Host: x\r\n', login, 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n',
    'Content-Type: application/json\r\n', 'Range: bytes=a-b\r\n', 'Expect: 100-continue\r\n', 'X-Checksum-Deploy: true\r\n', 'X-Checksum-Sha1: zz\r\n', 'Range: bytes=1-0,5-\r\n', 'If-None-Match: "\r\n', '\r\n', '\r\n\r\n', '5\r\nhello\r\n', '{"a":1}', '\0', '\x7f', '\xff\xfe', '%', '?', '#'];
  let seed = 4711;
  const next = (limit: number): number => (seed = (seed * 48_271) % 2_147_483_647) % limit;
  for (let round = 0; round < 40; round += 1) {
    const batch = Array.from({ length: 5 }, () => Array.from({ length: 2 + next(14) }, () => pieces[next(pieces.length)] ?? '').join(''));
    const answers = await Promise.all(batch.map((bytes) => send(Buffer.from(`${bytes}\r\n\r\n`, 'latin1'), 60)));
    for (const [index, answer] of answers.entries()) expect([batch[index], answer]).toEqual([batch[index], expect.not.stringMatching(/HTTP\/1.1 5/)]);
  }
  expect(node.log.filter((line) => Number(line.level) >= 40)).toEqual([]);
  expect(await send(get('/artifactory/api/system/ping'))).toMatch(/^HTTP\/1.1 200 OK/);
});

test('metrics have units and say what happened', async () => {
  await node.client.get('/api/system/ping');
  const text = (await node.client.get('/api/v1/metrics')).text();
  expect(text).toMatch(/bulkhead_http_requests_total\{method="GET",route="\/artifactory\/api\/system\/ping",status="200"\} \d+/);
  expect(text).toMatch(/bulkhead_http_request_duration_seconds_bucket\{/);
  expect(text).toMatch(/bulkhead_database_pool_connections\{state="idle"\} \d+/);
  expect(text).toMatch(/bulkhead_database_pool_limit_connections 5\n/);
  // not known, so not told
  expect(text).not.toMatch(/^bulkhead_cluster_epoch/m);
  expect(text.trimEnd().endsWith('# EOF')).toBe(true);
});
