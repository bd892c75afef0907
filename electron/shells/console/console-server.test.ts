import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect, isContractError, toClient, type ClientWire, type ClusterSummary } from '../../contract/index.ts';
import { stubHandlers } from '../testing/stub-handlers.ts';
import { keptBytes, noTransfers } from '../testing/kept-bytes.ts';
import { startConsole, type RunningConsole } from './console-server.ts';

const info = { version: '1.2.3', shell: 'console', platform: 'linux', stateDir: '/s', secrets: { protection: 'file', note: '' } } as const;
const demo: ClusterSummary = { clusterId: 'demo', name: 'demo', kind: 'demo', health: 'off', summary: 'off' };

let screens: string;
let shell: RunningConsole;
let streamsEnded: number;
let bytes: ReturnType<typeof keptBytes>;
const internalErrors: unknown[] = [];

beforeEach(async () => {
  screens = await mkdtemp(join(tmpdir(), 'bulkhead-console-'));
  await writeFile(join(screens, 'index.html'), '<title>screens</title>');
  streamsEnded = 0;
  bytes = keptBytes();
  internalErrors.length = 0;
  shell = await startConsole({
    screens,
    port: 0,
    transfers: bytes.transfers,
    onInternalError: (_operation, error) => internalErrors.push(error),
    handlers: stubHandlers({
      'app.info': async () => info,
      'clusters.watch': async function* watch(_args, { signal }) {
        yield [demo];
        await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
        streamsEnded += 1;
      },
    }),
  });
});
afterEach(async () => {
  await shell.close();
  await rm(screens, { recursive: true });
  expect(internalErrors).toEqual([]);
});

interface Answer { status: number; headers: NodeJS.Dict<string | string[]>; body: string }

function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  request({ host: '127.0.0.1', port: shell.port, path, method: options.method ?? 'GET', headers: { ...options.headers }, agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (part: string) => { body += part; });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
  }).on('error', reject).end(options.body);
  return promise;
}

async function logIn(): Promise<string> {
  const answer = await ask(new URL(shell.newAddress()).pathname);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

/** Status of a refused upgrade, or 101. */
function upgrade(headers: Record<string, string>): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const socket = new WebSocket(`ws://127.0.0.1:${shell.port}/wire`, { headers });
  socket.on('unexpected-response', (_request, response) => { resolve(response.statusCode ?? 0); socket.terminate(); });
  socket.on('open', () => { resolve(101); socket.terminate(); });
  socket.on('error', () => undefined);
  return promise;
}

const own = (): string => `http://127.0.0.1:${shell.port}`;

function openWire(cookie: string): Promise<ClientWire> {
  const socket = new WebSocket(`ws://127.0.0.1:${shell.port}/wire`, { headers: { cookie, origin: own() } });
  const wire: ClientWire = {
    send: (message) => socket.send(JSON.stringify(message)),
    onMessage: (listener) => { socket.on('message', (data: Buffer) => listener(toClient.parse(JSON.parse(data.toString())))); return () => undefined; },
    onClose: (listener) => { socket.on('close', listener); return () => undefined; },
    close: () => socket.close(),
  };
  return new Promise((resolve, reject) => { socket.on('open', () => resolve(wire)).on('error', reject); });
}

it('exchanges a one-time address for a strict, script-proof cookie, once', async () => {
  const path = new URL(shell.newAddress()).pathname;
  const first = await ask(path);
  expect(first.status).toBe(200);
  expect(String(first.headers['set-cookie'])).toMatch(/^bulkhead-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const second = await ask(path);
  expect(second.status).toBe(403);
  expect(second.headers['set-cookie']).toBeUndefined();
  expect(second.body).toContain('has been used');
});

it('does not use an address up for HEAD or a browser that fetches ahead', async () => {
  const path = new URL(shell.newAddress()).pathname;
  for (const look of [{ method: 'HEAD' }, { headers: { 'sec-purpose': 'prefetch' } }]) {
    const answer = await ask(path, look);
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
  expect((await ask(path)).headers['set-cookie']).toBeDefined();
});

it('shows the screens to a browser with the cookie only', async () => {
  expect((await ask('/')).status).toBe(401);
  expect((await ask('/', { headers: { cookie: `bulkhead-${shell.port}=guess` } })).status).toBe(401);
  const answer = await ask('/topology', { headers: { cookie: await logIn() } });
  expect(answer).toMatchObject({ status: 200, body: '<title>screens</title>' });
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
});

it('tells a page whether its browser is known', async () => {
  expect((await ask('/session')).status).toBe(401);
  expect((await ask('/session', { headers: { cookie: await logIn() } })).status).toBe(204);
});

it('answers to no name but its own (DNS rebinding)', async () => {
  const cookie = await logIn();
  for (const host of ['evil.example', `evil.example:${shell.port}`, '127.0.0.1', `127.0.0.1.evil.example:${shell.port}`]) {
    expect((await ask('/', { headers: { host, cookie } })).status, host).toBe(421);
    expect(await upgrade({ host, cookie, origin: `http://${host}` }), host).toBe(403);
  }
  expect((await ask('/', { headers: { host: `localhost:${shell.port}`, cookie } })).status).toBe(200);
});

it('refuses pages of another site', async () => {
  const cookie = await logIn();
  expect((await ask('/', { headers: { cookie, origin: 'http://evil.example' } })).status).toBe(403);
  expect((await ask('/assets/x.js', { headers: { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } })).status).toBe(403);
  expect((await ask('/', { headers: { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' } })).status).toBe(403);
});

it('opens the wire for its own page with the cookie, and for nobody else', async () => {
  const cookie = await logIn();
  expect(await upgrade({ origin: own() })).toBe(401);
  expect(await upgrade({ cookie })).toBe(403);
  expect(await upgrade({ cookie, origin: 'http://evil.example' })).toBe(403);
  expect(await upgrade({ cookie, origin: `http://localhost:${shell.port}` })).toBe(403);
  expect(await upgrade({ cookie, origin: own() })).toBe(101);
});

it('takes only GET and HEAD', async () => {
  const answer = await ask('/', { method: 'POST', headers: { cookie: await logIn() } });
  expect(answer.status).toBe(405);
  expect(answer.headers['allow']).toBe('GET, HEAD');
});

it('carries calls, errors and streams, and ends a stream with its browser', async () => {
  const cookie = await logIn();
  const client = connect(() => openWire(cookie));
  expect(await client.call('app.info', {})).toEqual(info);
  await expect(client.call('demo.stop', {})).rejects.toSatisfy((error) => isContractError(error, 'DEMO_NOT_RUNNING'));
  const seen = await new Promise((resolve) => { client.subscribe('clusters.watch', {}, { item: resolve }); });
  expect(seen).toEqual([demo]);
  client.close();
  await expect.poll(() => streamsEnded).toBe(1);
});

it('hangs up on whatever does not speak the contract', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${shell.port}/wire`, { headers: { cookie: await logIn(), origin: own() } });
  const code = await new Promise((resolve) => { socket.on('open', () => socket.send('{"kind":"eval"}')).on('close', resolve); });
  expect(code).toBe(1008);
});

it('refuses a port that is taken, with its number', async () => {
  await expect(startConsole({ screens, port: shell.port, transfers: noTransfers, onInternalError: () => undefined, handlers: stubHandlers({}) }))
    .rejects.toMatchObject({ code: 'PORT_IN_USE', details: { port: shell.port } });
});

it('ends with open wires at once', async () => {
  const cookie = await logIn();
  const client = connect(() => openWire(cookie));
  await client.call('app.info', {});
  const began = performance.now();
  await shell.close();
  expect(performance.now() - began).toBeLessThan(2000);
  client.close();
});

const filePath = '/content/file?cluster=demo&repository=r&path=a%2Fb%20%C3%A9.html';

it('gives out a file as something to keep, never as a page', async () => {
  bytes.files.set('demo r a/b é.html', '<script>alert(1)</script>');
  const answer = await ask(filePath, { headers: { cookie: await logIn() } });
  expect(answer).toMatchObject({ status: 200, body: '<script>alert(1)</script>' });
  expect(answer.headers).toMatchObject({
    'content-disposition': "attachment; filename*=UTF-8''b%20%C3%A9.html", 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox", 'cache-control': 'no-store', 'content-length': '25',
  });
  const missing = await ask('/content/file?cluster=demo&repository=r&path=none', { headers: { cookie: await logIn() } });
  expect(missing.status).toBe(404);
  expect(JSON.parse(missing.body)).toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
});

it('gives bytes to nobody but its own pages', async () => {
  const cookie = await logIn();
  bytes.files.set('demo r a/b é.html', 'x');
  expect((await ask(filePath)).status).toBe(401);
  expect((await ask(filePath, { headers: { cookie, host: 'evil.example' } })).status).toBe(421);
  expect((await ask(filePath, { headers: { cookie, origin: 'http://evil.example' } })).status).toBe(403);
  expect((await ask(filePath, { headers: { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } })).status).toBe(403);
});

it('takes slices of an upload from its own pages only, and no larger ones than are asked for', async () => {
  const cookie = await logIn();
  const put = (path: string, headers: Record<string, string>, body: string | Buffer): Promise<Answer> => ask(path, { method: 'PUT', headers, body });
  expect((await put('/content/uploads/u1?at=0', { cookie, origin: own() }, 'first')).status).toBe(204);
  expect((await put('/content/uploads/u1?at=5', { cookie, origin: own() }, 'second')).status).toBe(204);
  expect(bytes.slices).toEqual([['u1', 0, 'first'], ['u1', 5, 'second']]);
  expect((await put('/content/uploads/u1?at=11', { cookie }, 'x')).status).toBe(403);
  expect((await put('/content/uploads/u1?at=11', { cookie, origin: 'http://evil.example' }, 'x')).status).toBe(403);
  expect((await put('/content/uploads/u1?at=11', { origin: own() }, 'x')).status).toBe(401);
  expect((await put('/content/uploads/u1?at=-1', { cookie, origin: own() }, 'x')).status).toBe(400);
  expect((await put('/content/uploads/u1', { cookie, origin: own() }, 'x')).status).toBe(400);
  expect((await put('/content/uploads/gone?at=0', { cookie, origin: own() }, 'x')).status).toBe(404);
  expect((await put('/content/uploads/u1?at=11', { cookie, origin: own() }, Buffer.alloc(4 * 1024 * 1024 + 1))).status).toBe(413);
  expect((await ask('/content/uploads/u1?at=0', { method: 'POST', headers: { cookie, origin: own() } })).status).toBe(405);
  expect(bytes.slices).toHaveLength(2);
});
