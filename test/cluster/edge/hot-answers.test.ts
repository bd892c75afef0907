import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster, type TestNode } from '../../harness/cluster.ts';
import { NodeClient } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

let cluster: TestCluster;
let node: TestNode;
let client: NodeClient;
const user = { user: 'hot', password: 'a-hot-password' };
const target = (pattern: string): Record<string, unknown> => ({
  repo: { repositories: ['hot'], 'include-patterns': [pattern], actions: { users: { hot: ['read'] } } },
});

async function asAdmin(method: string, path: string, body?: Record<string, unknown>): Promise<void> {
  const answer = await node.client.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
  expect(answer.status, answer.text()).toBeLessThan(300);
}

/** How many requests were answered from memory alone so far. */
async function hotAnswers(): Promise<number> {
  const metrics = (await node.client.get('/api/v1/metrics')).text();
  return Number(/^bulkhead_http_hot_reads_total (\d+)/m.exec(metrics)?.[1] ?? NaN);
}

/** Asks until the answer comes from memory; resolves to it. */
async function untilHot(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Awaited<ReturnType<NodeClient['request']>>> {
  return waitFor(`${path} from memory`, async () => {
    const before = await hotAnswers();
    const answer = await client.request(path, { method, headers });
    return await hotAnswers() > before && answer;
  }, { everyMs: 1 });
}

beforeAll(async () => {
  cluster = await startCluster({ nodes: 1, balancer: false, config: { http: { idleTimeoutMs: 6000 } } });
  const [first] = cluster.nodes;
  if (first === undefined) throw new Error('there is no node');
  node = first;
  client = new NodeClient(node.url, user);
  await asAdmin('PUT', '/api/security/users/hot', { password: user.password, role: 'user' });
  await asAdmin('PUT', '/api/repositories/hot', { rclass: 'local', packageType: 'generic' });
  await asAdmin('PUT', '/api/v2/security/permissions/hot', target('**'));
});

afterAll(async () => {
  await client.close();
  await cluster.stop();
});

test('an answer from memory is the one that the long way gives', async () => {
  for (const [name, size] of [['a-1.0.jar', 1024], ['large.bin', 200_000], ['empty.txt', 0]] as const) {
    const bytes = randomBytes(size);
    expect((await node.client.put(`/hot/org/${name}`, bytes)).status).toBe(201);
    for (const method of ['GET', 'HEAD']) {
      const short = await untilHot(`/hot/org/${name}`, method);
      // a query makes no difference to what is asked for, but is not plain
      const before = await hotAnswers();
      const long = await client.request(`/hot/org/${name}?long`, { method });
      expect(await hotAnswers()).toBe(before);
      const told = ({ headers }: typeof short): Record<string, unknown> => ({ ...headers, date: null, 'x-request-id': null });
      expect(told(short)).toEqual(told(long));
      expect(short.status).toBe(200);
      expect(short.body.equals(method === 'HEAD' ? Buffer.alloc(0) : bytes)).toBe(true);
      expect(short.headers['x-request-id']).not.toBe(long.headers['x-request-id']);
    }
  }
});

test('a request id of the client comes back, and ranges, conditions and strangers go the long way', async () => {
  expect((await untilHot('/hot/org/a-1.0.jar', 'GET', { 'x-request-id': 'mine-7' })).headers['x-request-id']).toBe('mine-7');
  const before = await hotAnswers();
  const { headers } = await client.request('/hot/org/a-1.0.jar', { method: 'HEAD', headers: { range: 'bytes=0-0' } });
  expect((await client.request('/hot/org/a-1.0.jar', { headers: { range: 'bytes=1-2' } })).status).toBe(206);
  expect((await client.request('/hot/org/a-1.0.jar', { headers: { 'if-none-match': String(headers['etag']) } })).status).toBe(304);
  const wrong = new NodeClient(node.url, { ...user, password: 'another' });
  expect((await wrong.request('/hot/org/a-1.0.jar')).status).toBe(401);
  await wrong.close();
  expect(await hotAnswers()).toBe(before);
});

test('who asks on and on and reads no answer is cut off', async () => {
  expect((await node.client.put('/hot/org/unread.bin', randomBytes(200_000))).status).toBe(201);
  await untilHot('/hot/org/unread.bin');
  const socket = connect(node.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  const authorization = Buffer.from(`${user.user}:${user.password}`).toString('base64');
  const before = await hotAnswers();
  // more than the system keeps for a connection
  socket.write(`GET /artifactory/hot/org/unread.bin HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${authorization}\r\n\r\n`.repeat(60));
  const inFlight = async (): Promise<number> => Number(/^bulkhead_http_requests_in_flight (\d+)/m.exec((await node.client.get('/api/v1/metrics')).text())?.[1] ?? NaN);
  // the question itself is one
  await expect.poll(inFlight).toBeGreaterThan(1);
  expect(await hotAnswers()).toBeGreaterThan(before);
  await expect.poll(inFlight).toBe(1);
  socket.destroy();
});

/** A client that has asked for so much, and reads so little, that an answer from memory waits for it. */
async function stuckReader(path: string): Promise<Socket> {
  const socket = connect(node.port, '127.0.0.1');
  // each question goes out by itself, although nothing acknowledges the one before
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  const others = await inFlight();
  while (await inFlight() === others) socket.write(plain(path));
  return socket;
}

const plain = (path: string): string =>
  `GET /artifactory${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${Buffer.from(`${user.user}:${user.password}`).toString('base64')}\r\n\r\n`;

async function inFlight(): Promise<number> {
  return Number(/^bulkhead_http_requests_in_flight (\d+)/m.exec((await node.client.get('/api/v1/metrics')).text())?.[1] ?? NaN);
}

test.each(['?long', ''])('a connection that breaks while several answers wait in it takes nobody with it (%s)', async (query) => {
  expect((await node.client.put('/hot/org/broken.bin', randomBytes(200_000))).status).toBe(201);
  await untilHot('/hot/org/broken.bin');
  const sent = async (): Promise<number> => Number(/^bulkhead_http_sent_bytes_total (\d+)/m.exec((await node.client.get('/api/v1/metrics')).text())?.[1] ?? NaN);
  const reader = await stuckReader('/hot/org/broken.bin');
  for (let question = 0; question < 2; question += 1) {
    // how many wait by then is a matter of the system's buffers
    const before = await inFlight();
    reader.write(plain(`/hot/org/broken.bin${query}`));
    await expect.poll(inFlight).toBe(before + 1);
  }
  const before = await sent();
  reader.resetAndDestroy();
  await expect.poll(inFlight).toBe(1);
  expect(await sent()).toBeGreaterThan(before);
});

test('rights, content and passwords hold with the next request', async () => {
  await untilHot('/hot/org/a-1.0.jar');
  await asAdmin('PUT', '/api/v2/security/permissions/hot', target('elsewhere/**'));
  expect((await client.request('/hot/org/a-1.0.jar')).status).toBe(403);
  await asAdmin('PUT', '/api/v2/security/permissions/hot', target('**'));
  await untilHot('/hot/org/a-1.0.jar');
  expect((await node.client.put('/hot/org/a-1.0.jar', Buffer.from('newer'))).status).toBe(201);
  expect((await client.request('/hot/org/a-1.0.jar')).text()).toBe('newer');
  await untilHot('/hot/org/a-1.0.jar');
  await asAdmin('DELETE', '/hot/org/a-1.0.jar');
  expect((await client.request('/hot/org/a-1.0.jar')).status).toBe(404);
  await untilHot('/hot/org/empty.txt');
  await asAdmin('POST', '/api/security/users/hot', { password: 'quite-another-password' });
  expect((await client.request('/hot/org/empty.txt')).status).toBe(401);
});
