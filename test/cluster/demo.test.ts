import { randomBytes } from 'node:crypto';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DemoDescription } from '../../electron/contract/index.ts';
import { processEnvironment } from '../../server-bundle/contract/index.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { deploy, digestAt, openRoom, processesIn, sha256, type OpenRoom } from './demo-control-room.ts';

/** One demo cluster for the whole file; the tests build on each other, in this order. */
let folder: TemporaryFolder;
let room: OpenRoom;
let demo: DemoDescription;
let dataDir: string;
const kept = randomBytes(300_000);

const start = (): Promise<DemoDescription> => room.client.call('demo.start', { nodes: 3, port: 0, dataDir });
const allServe = (count: number) => room.until(`${String(count)} serving nodes and a master`, (topology) =>
  topology.lifecycle === 'running' && topology.master !== null && topology.nodes.length === count && topology.nodes.every((node) => node.observed === 'serving' && node.freshness === 'live'));

beforeAll(async () => {
  folder = await temporaryFolder('demo');
  dataDir = join(folder.path, 'data');
  room = await openRoom(folder.path);
});
afterAll(async () => {
  await room.client.call('demo.stop', {});
  const left = await processesIn(dataDir);
  await room[Symbol.asyncDispose]();
  await folder.remove();
  expect(left).toEqual([]);
});

it('says what it will start, and starts it', async () => {
  const plan = await room.client.call('demo.plan', { nodes: 3, port: 0, dataDir });
  expect(plan).toMatchObject({ dataDir, exists: false, warnings: [] });
  expect(plan.parts.map((part) => part.kind)).toEqual(['balancer', 'node', 'node', 'node', 'database', 'filestore']);
  const steps: string[] = [];
  const stop = room.client.subscribe('demo.progress', {}, { item: ({ step }) => steps.push(step ?? '') });
  demo = await start();
  stop();
  expect(steps).toEqual(expect.arrayContaining(['initdb', 'database']));
  expect(demo).toMatchObject({ nodes: [{ nodeId: 'node-1' }, { nodeId: 'node-2' }, { nodeId: 'node-3' }], master: { epoch: 1 }, admin: { user: 'admin' } });
  expect((await stat(join(dataDir, 'admin.json'))).mode & 0o777).toBe(0o600);
  const topology = await allServe(3);
  expect(topology).toMatchObject({ databaseState: 'up', freshness: 'live', balancer: { state: 'serving' }, database: { budget: 50 }, failure: null });
  await expect(start()).rejects.toMatchObject({ code: 'DEMO_RUNNING' });
});

it('serves what is deployed through the balancer at every node', async () => {
  expect(await deploy(demo, 'kept.bin', kept)).toBe(201);
  for (const { url } of [...demo.nodes, { url: demo.balancer }]) expect(await digestAt(demo, url, 'kept.bin')).toBe(sha256(kept));
});

it('runs nodes and balancer with the environment that they have on hosts', async () => {
  const environments = await Promise.all((await processesIn(dataDir)).map(async (pid) => (await readFile(`/proc/${String(pid)}/environ`, 'utf8')).split('\0')));
  const ofBundle = environments.filter((lines) => lines.some((line) => line.startsWith('NODE_COMPILE_CACHE=')));
  expect(ofBundle).toHaveLength(4);
  for (const lines of ofBundle) expect(lines).toEqual(expect.arrayContaining(Object.entries(processEnvironment).map(([name, value]) => `${name}=${value}`)));
});

it('shows a node that is killed, and its return', async () => {
  const { nodeId } = (await allServe(3)).master ?? { nodeId: '' };
  const epoch = room.picture()?.master?.epoch ?? 0;
  await room.client.call('demo.node', { nodeId, action: 'kill' });
  const picture = await room.until('the killed node and a new master', (topology) =>
    (topology.master?.epoch ?? 0) > epoch && topology.nodes.some((node) => node.nodeId === nodeId && node.observed === 'stopped'));
  expect(picture.nodes.find((node) => node.nodeId === nodeId)).toMatchObject({ process: { state: 'stopped' }, isMaster: false, note: expect.stringMatching(/^killed from this app \d+ s ago$/) as string });
  await expect(room.client.call('demo.node', { nodeId, action: 'freeze' })).rejects.toMatchObject({ code: 'DEMO_NODE_STATE', details: { state: 'stopped' } });
  await room.client.call('demo.node', { nodeId, action: 'start' });
  await allServe(3);
  const types = async (): Promise<string[]> => (await room.journal()).map((entry) => `${entry.source} ${entry.type}`);
  await expect.poll(types).toEqual(expect.arrayContaining(['observed node.down', 'cluster master.changed', 'operator demo.node.kill', 'operator demo.node.start']));
});

it('shows a frozen node as not reachable, and thaws it', async () => {
  await room.client.call('demo.node', { nodeId: 'node-2', action: 'freeze' });
  await room.until('the frozen node', (topology) => topology.nodes.some((node) => node.nodeId === 'node-2' && node.process?.state === 'frozen' && node.observed === 'unreachable'));
  expect(await deploy(demo, 'while-frozen.txt', new TextEncoder().encode('x'))).toBe(201);
  await room.client.call('demo.node', { nodeId: 'node-2', action: 'thaw' });
  await allServe(3);
});

it('hands the mastership over, and measures a drill', async () => {
  const before = (await allServe(3)).master;
  const to = demo.nodes.find((node) => node.nodeId !== before?.nodeId)?.nodeId ?? '';
  const next = await room.client.call('failover.handOver', { clusterId: 'demo', to });
  expect(next).toEqual({ nodeId: to, epoch: (before?.epoch ?? 0) + 1 });
  await room.until('the handed over mastership', (topology) => topology.master?.nodeId === to);
  const report = await room.client.call('failover.drill', { clusterId: 'demo' });
  expect(report).toMatchObject({ killedNodeId: to, epochBefore: next.epoch });
  expect(report.epochAfter).toBeGreaterThan(next.epoch);
  expect(report.probes.sent).toBeGreaterThan(20);
  expect(report.probes.failed).toBe(0);
  expect(report.restoredAfterMs).toBeGreaterThan(report.masterAfterMs);
  await allServe(3);
  const { epochs } = await room.client.call('failover.history', { clusterId: 'demo' });
  expect(epochs.map((entry) => entry.epoch)).toEqual([...epochs.map((entry) => entry.epoch)].sort((a, b) => b - a));
  expect(epochs.find((entry) => entry.epoch === next.epoch)).toMatchObject({ cause: 'hand-over', nodeId: to });
});

it('goes on with a password of the administrator that was changed through the cluster', async () => {
  await room.client.call('users.change', { clusterId: 'demo', name: 'admin', password: 'one that a person has thought of' });
  expect((await room.client.call('users.list', { clusterId: 'demo' })).map(({ name }) => name)).toContain('admin');
  const { admin } = await room.client.call('demo.describe', {});
  expect(admin).toEqual({ user: 'admin', password: 'one that a person has thought of' });
  demo = { ...demo, admin };
});

it('adds nodes until the budget is exhausted, refuses with the arithmetic, and removes them again', async () => {
  const added: string[] = [];
  for (;;) {
    const { oneMoreNode } = await room.client.call('budget.explain', { clusterId: 'demo' });
    if (!oneMoreNode.fits) break;
    added.push((await room.client.call('demo.addNode', {})).nodeId);
  }
  expect(added).toEqual(['node-4', 'node-5', 'node-6', 'node-7']);
  const before = await readFile(join(dataDir, 'processes.json'), 'utf8');
  await expect(room.client.call('demo.addNode', {})).rejects.toMatchObject({
    code: 'CONNECTION_BUDGET_EXHAUSTED', message: expect.stringMatching(/^No room for one more node: 1 free.*, 7 needed: 6 short$/) as string, details: { oneMoreNode: { maxConnectionsNeeded: 66 } },
  });
  expect(await readFile(join(dataDir, 'processes.json'), 'utf8')).toBe(before);
  await allServe(7);
  for (const nodeId of added) {
    await room.client.call('demo.node', { nodeId, action: 'remove' });
    await expect(stat(join(dataDir, 'configs', `${nodeId}.yaml`))).rejects.toMatchObject({ code: 'ENOENT' });
  }
  await allServe(3);
  await room.until('the balancer to know three nodes', (topology) => topology.balancer?.backends.length === 3);
});

it('lives through a crash of the database', async () => {
  const pids = (await room.client.call('demo.describe', {})).nodes.map((node) => node.pid);
  await room.client.call('demo.database', { action: 'kill' });
  await room.until('the database to be down', (topology) => topology.databaseState === 'down');
  await room.client.call('demo.database', { action: 'start' });
  await allServe(3);
  expect(await digestAt(demo, demo.balancer, 'kept.bin')).toBe(sha256(kept));
  expect((await room.client.call('demo.describe', {})).nodes.map((node) => node.pid)).toEqual(pids);
  await expect.poll(async () => (await room.journal()).map((entry) => entry.type)).toEqual(expect.arrayContaining(['database.down', 'database.up']));
});

it('drains a node and takes it back', async () => {
  await room.client.call('node.drain', { clusterId: 'demo', nodeId: 'node-3', deadlineSeconds: 10 });
  await room.until('the drained node', (topology) => topology.nodes.some((node) => node.nodeId === 'node-3' && node.observed === 'drained'));
  await room.client.call('node.undrain', { clusterId: 'demo', nodeId: 'node-3' });
  await allServe(3);
});

it('follows the log of a node, also over a new file', async () => {
  const seen: string[] = [];
  const stop = room.client.subscribe('node.log', { clusterId: 'demo', nodeId: 'node-1' }, { item: ({ lines }) => seen.push(...lines.map((line) => line.text)) });
  await waitFor('earlier lines', () => seen.length > 0);
  await appendFile(join(dataDir, 'logs', 'node-1.log'), '{"level":50,"time":1,"msg":"a marked line"}\n');
  await waitFor('the marked line', () => seen.includes('a marked line'));
  stop();
});

it('runs a collection and gives its report', async () => {
  await expect(room.client.call('gc.run', { clusterId: 'demo', dryRun: true })).resolves.toMatchObject({ dryRun: true, examined: expect.any(Number) as number });
});

it('sets a new password that counts at once', async () => {
  const { user, password } = await room.client.call('demo.resetPassword', {});
  expect(password).not.toBe(demo.admin.password);
  expect(await digestAt(demo, demo.balancer, 'kept.bin')).toBe('status 401');
  demo = { ...demo, admin: { user, password } };
  expect(await digestAt(demo, demo.balancer, 'kept.bin')).toBe(sha256(kept));
  const written = JSON.stringify(await room.journal());
  expect(written).not.toContain(password);
});

it('stops without leaving a process, and serves the same artifacts after the next start', async () => {
  const { pid } = (await room.client.call('demo.describe', {})).nodes[0] ?? {};
  await room.client.call('demo.stop', {});
  expect(await processesIn(dataDir)).toEqual([]);
  expect(pid).toBeTypeOf('number');
  await room.until('the picture of a cluster that is off', (topology) => topology.lifecycle === 'off' && topology.nodes.every((node) => node.observed === 'stopped'));
  await expect(room.client.call('demo.describe', {})).rejects.toMatchObject({ code: 'DEMO_NOT_RUNNING' });
  const started = performance.now();
  demo = await start();
  console.log(`started again in ${String(Math.round(performance.now() - started))} ms`);
  expect(await digestAt(demo, demo.balancer, 'kept.bin')).toBe(sha256(kept));
});

it('deletes everything on reset', async () => {
  await room.client.call('demo.reset', {});
  expect(await processesIn(dataDir)).toEqual([]);
  await expect(stat(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
});
