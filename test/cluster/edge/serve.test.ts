import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../harness/free-port.ts';
import { NodeClient } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { Workshop, type ServingNode } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const clientOf = (port: number, password = 'none'): NodeClient => new NodeClient(`http://127.0.0.1:${String(port)}`, { user: 'admin', password });
const pinging = (client: NodeClient): Promise<unknown> => waitFor('ping', async () => (await client.get('/api/system/ping', { as: null })).status === 200);

async function stop(node: ServingNode): Promise<number> {
  node.child.kill('SIGTERM');
  return node.ended;
}

async function passwordBy(command: 'init-admin' | 'reset-admin', file: string): Promise<string> {
  const { stdout, stderr, code } = await workshop.command(command, '--config', file, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { password: string }).password;
}

test('serves, drains at SIGTERM without a failed request, and ends with 0', async () => {
  const port = await freePort();
  // time enough to ask it while it drains
  const file = await workshop.config(await workshop.postgres.createDatabase(), { port, more: { timing: { drainNoticeMs: 4000, coherenceWindowMs: 300, heartbeatMs: 100 } } });
  const password = await passwordBy('init-admin', file);
  const node = workshop.serve(file);
  await using client = clientOf(port, password);
  await pinging(client);
  expect((await client.put('/generic-local/a.txt', 'content')).status).toBe(201);
  node.child.kill('SIGTERM');
  const statuses: number[] = [];
  await waitFor('ping to turn', async () => (await client.get('/api/system/ping', { as: null })).status === 503);
  statuses.push((await client.get('/generic-local/a.txt')).status, (await client.put('/generic-local/b.txt', 'content')).status);
  expect(statuses).toEqual([200, 201]);
  expect(await node.ended).toBe(0);
  const log = await node.log();
  expect(log).not.toContain('"level":40');
  expect(log).not.toContain('"level":50');
  expect(log).not.toContain(password);
});

const kept = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));

test.skipIf(kept < 1200)('turns nobody away who comes while it stands still', async () => {
  const port = await freePort();
  const node = workshop.serve(await workshop.config(await workshop.postgres.createDatabase(), { port }));
  await using client = clientOf(port);
  await pinging(client);
  node.child.kill('SIGSTOP');
  let connected = 0;
  const sockets = Array.from({ length: 1200 }, () => connect(port, '127.0.0.1', () => { connected += 1; }).on('error', () => undefined));
  try {
    // those for whom there was no room would get through once the node goes on only
    await waitFor('all to be connected', () => connected === sockets.length, { timeoutMs: 20_000 });
  } finally {
    node.child.kill('SIGCONT');
    for (const socket of sockets) socket.destroy();
  }
  await pinging(client);
  expect(await stop(node)).toBe(0);
});

test('a second SIGTERM ends the drain', async () => {
  const port = await freePort();
  const file = await workshop.config(await workshop.postgres.createDatabase(), { port, more: { timing: { drainNoticeMs: 20_000, coherenceWindowMs: 300, heartbeatMs: 100 } } });
  const node = workshop.serve(file);
  await using client = clientOf(port);
  await pinging(client);
  node.child.kill('SIGTERM');
  await waitFor('ping to turn', async () => (await client.get('/api/system/ping', { as: null })).status === 503);
  const start = performance.now();
  expect(await stop(node)).toBe(0);
  expect(performance.now() - start).toBeLessThan(5000);
});

test('starts without a database, says so, and recovers by itself', async () => {
  const port = await freePort();
  const file = await workshop.config(await workshop.postgres.createDatabase(), { port });
  await workshop.postgres.kill();
  const node = workshop.serve(file);
  await using client = clientOf(port);
  await waitFor('an answer', async () => (await client.get('/api/v1/system/liveness', { as: null })).status === 200);
  await waitFor('the reason', async () => (await client.get('/api/system/ping', { as: null })).text().includes('DATABASE_UNAVAILABLE'));
  const refused = await client.get('/generic-local/a');
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
  await workshop.postgres.restart();
  const start = performance.now();
  await pinging(client);
  expect(performance.now() - start).toBeLessThan(6000);
  expect(await stop(node)).toBe(0);
});

test('a password that is reset on the host holds on the running node when the command returns', async () => {
  const port = await freePort();
  const file = await workshop.config(await workshop.postgres.createDatabase(), { port });
  const first = await passwordBy('init-admin', file);
  const node = workshop.serve(file);
  await using client = clientOf(port, first);
  await pinging(client);
  for (let time = 0; time < 5; time += 1) expect((await client.get('/api/system/version')).status).toBe(200);
  const second = await passwordBy('reset-admin', file);
  expect((await client.get('/api/system/version')).status).toBe(401);
  expect((await client.get('/api/system/version', { as: { user: 'admin', password: second } })).status).toBe(200);
  expect(await stop(node)).toBe(0);
});

test('a port that is taken ends with 4, a configuration that is wrong with 3', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const database = await workshop.postgres.createDatabase();
  const taken = await workshop.command('serve', '--config', await workshop.config(database, { port }));
  holder.close();
  expect([taken.code, taken.stderr]).toEqual([4, expect.stringContaining(String(port)) as string]);
  expect((await workshop.command('serve', '--config', await workshop.config(database, { more: { oops: 1 } }))).code).toBe(3);
});

test('a schema that is too new keeps the node from serving', async () => {
  const port = await freePort();
  const database = await workshop.postgres.createDatabase();
  const file = await workshop.config(database, { port });
  await workshop.command('migrate', '--config', file);
  await workshop.postgres.query(`insert into schema_migration (number, name, serves_from) values (9002, 'much later', 9000)`, database);
  const node = workshop.serve(file);
  await using client = clientOf(port);
  await waitFor('the refusal in the log', async () => (await node.log()).includes('VERSION_UNSUPPORTED'));
  expect((await client.get('/api/system/ping', { as: null })).status).toBe(503);
  expect(await stop(node)).toBe(0);
});
