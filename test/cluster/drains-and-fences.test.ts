import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterStatus } from '../../server-bundle/contract/index.ts';
import { beginUpgrade, takeUpgrade, wishPause, writeUpgrade } from '../../server-bundle/metadata/upgrade-runs.ts';
import { startCluster, type TestCluster, type TestNode } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { metadataDatabase } from './tasks/metadata-database.ts';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCluster({ balancer: false, nodes: 2, config: { timing: { drainNoticeMs: 100 } } }); });
afterAll(() => cluster.stop());

const run = promisify(execFile);

/** A command of the bundle on the "host" of a node, as root of that host would give it. */
async function command(node: TestNode, ...argv: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, [cluster.bundle, ...argv, '--config', node.configFile, '--json']);
  return JSON.parse(stdout);
}

async function refusal(node: TestNode, ...argv: readonly string[]): Promise<string> {
  const error: unknown = await command(node, ...argv).catch((thrown: unknown) => thrown);
  return (JSON.parse((error as { stderr: string }).stderr) as { error: { code: string } }).error.code;
}

const observed = async (nodeId: string): Promise<string | undefined> => (await cluster.view()).nodes.find((node) => node.nodeId === nodeId)?.observed;

test('a drain with an end ends by itself, also when nobody is there any more', async () => {
  const [one, two] = [cluster.node('n1'), cluster.node('n2')];
  await command(two, 'cluster', 'drain', '--node', 'n1', '--until', '600', '--wait', '60', '--kind', 'maintenance', '--note', 'new disk', '--by', 'ops');
  const { view } = clusterStatus.parse(await command(one, 'cluster', 'status'));
  expect(view.nodes.find(({ nodeId }) => nodeId === 'n1')).toMatchObject({ desired: 'drained', observed: 'drained', drainNote: { kind: 'maintenance', by: 'ops', note: 'new disk' } });

  // a restart does not end it
  await one.stop();
  await one.start({ wait: false });
  await waitFor('n1 to be drained again', async () => await observed('n1') === 'drained');
  expect((await one.client.get('/generic-local/none')).status).toBe(503);

  await command(two, 'cluster', 'drain', '--node', 'n1', '--until', '1');
  await waitFor('n1 to serve by itself', async () => await observed('n1') === 'serving');
  expect((await cluster.view()).nodes.find(({ nodeId }) => nodeId === 'n1')).toMatchObject({ desired: 'serving' });
});

test('a drained node can be tried by whoever owns its configuration, and by no client', async () => {
  const [one, two] = [cluster.node('n1'), cluster.node('n2')];
  await command(one, 'cluster', 'drain', '--node', 'n1', '--until', '600', '--wait', '60');
  expect(await command(one, 'check-serving', '--trial')).toMatchObject({ nodeId: 'n1', through: 'n2' });
  const trial = { headers: { 'x-bulkhead-trial': '1' } };
  await two.client.put('/generic-local/tried.txt', 'x');
  expect((await one.client.get('/generic-local/tried.txt')).status).toBe(503);
  expect((await one.client.get('/generic-local/tried.txt', trial)).status).toBe(200);
  expect((await one.client.get('/generic-local/tried.txt', { ...trial, as: null })).status).toBe(401);
  await two.client.put('/api/security/users/reader', JSON.stringify({ name: 'reader', password: 'a long enough password', email: 'r@example.org', role: 'reader' }), { headers: { 'content-type': 'application/json' } });
  expect((await one.client.get('/generic-local/tried.txt', { ...trial, as: { user: 'reader', password: 'a long enough password' } })).status).toBe(403);
  expect(await command(one, 'cluster', 'undrain', '--node', 'n1', '--wait', '60')).toMatchObject({ observed: 'serving' });
});

test('a forgotten node is fenced: it cannot come back until it is admitted', async () => {
  const [one, two] = [cluster.node('n1'), cluster.node('n2')];
  expect(await refusal(two, 'cluster', 'forget', '--node', 'n1')).toBe('NODE_SERVES');
  one.freeze();
  await waitFor('n1 to be forgotten', async () => command(two, 'cluster', 'forget', '--node', 'n1', '--by', 'ops').then(() => true, () => false));
  const { view } = clusterStatus.parse(await command(two, 'cluster', 'status'));
  expect(view.nodes.map(({ nodeId }) => nodeId)).toEqual(['n2']);
  expect(view.database.grants.map(({ nodeId }) => nodeId)).toEqual(['n2']);

  one.thaw();
  await waitFor('n1 to be refused', async () => (await one.client.get('/api/v1/system/readiness')).text().includes('NODE_FORGOTTEN'));
  await one.stop();
  await one.start({ wait: false });
  await waitFor('n1 to be refused after a restart', async () => (await one.client.get('/api/v1/system/readiness')).text().includes('NODE_FORGOTTEN'));

  expect(await command(two, 'cluster', 'admit', '--node', 'n1')).toMatchObject({ admitted: true });
  await one.restart();
  await cluster.untilServing(['n1', 'n2']);
});

test('of two upgrades one begins; it is taken over once its holder is silent', async () => {
  await using database = await metadataDatabase(cluster.postgres);
  const { db } = database;
  const id = (n: number): string => `00000000-0000-4000-8000-00000000000${String(n)}`;
  const hold = { id: id(1), holder: 'a', token: id(2), ttlSeconds: 600 };
  expect(await beginUpgrade(db, { ...hold, plan: { to: 'x' }, progress: {} })).toMatchObject({ state: 'running', holder: 'a' });
  await expect(beginUpgrade(db, { ...hold, id: id(3), plan: {}, progress: {} })).rejects.toMatchObject({ code: 'UPGRADE_RUNNING', details: { runId: id(1), holder: 'a' } });
  const other = { id: id(1), holder: 'b', token: id(4), ttlSeconds: 600, state: 'running' } as const;
  await expect(takeUpgrade(db, other)).rejects.toMatchObject({ code: 'UPGRADE_RUNNING' });
  expect(await wishPause(db, id(1))).toMatchObject({ wish: 'pause' });
  expect(await writeUpgrade(db, { ...hold, ttlSeconds: 1, state: 'running', progress: { at: 1 } })).toMatchObject({ wish: 'pause', progress: { at: 1 } });
  await waitFor('the hold to end', () => takeUpgrade(db, other).then(() => true, () => false));
  await expect(writeUpgrade(db, { ...hold, state: 'running', progress: {} })).rejects.toMatchObject({ code: 'UPGRADE_TAKEN_OVER' });
  expect(await writeUpgrade(db, { ...other, state: 'done', progress: {} })).toMatchObject({ state: 'done' });
  expect(await beginUpgrade(db, { ...hold, id: id(3), plan: {}, progress: {} })).toMatchObject({ state: 'running' });
});
