import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { DyingApp } from './dying-app.ts';
import { stateOf } from './host-state.ts';
import type { LabHost } from './host.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** An app that is killed late in a run, when the host holds the key of the cluster: another start goes on with the run, or takes it back. */
const steps = ['database-password', 'config', 'current', 'database', 'unit', 'start', 'first-admin', 'prove'] as const;
const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let host: LabHost;
let app: DyingApp;
let before: string;

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [{ name: 'one' }], database: 'process' }));
  host = lab.host('one');
  const stateDir = join(clean.use(await temporaryFolder('killed-runs')).path, 'bulkhead');
  room = clean.use(await openLanRoom(stateDir));
  app = new DyingApp(room, stateDir);
  await addHosts(room, lab, 'one');
  before = await stateOf(host);
});

afterAll(() => clean.disposeAsync());

const ping = async (): Promise<string> => (await fetch(`http://${lab.target('one').address}:8081/artifactory/api/system/ping`)).text();

it.each(['start', 'first-admin', 'prove'])('is killed at "%s": taken back, the host is as it was', async (step) => {
  await createLanCluster(room, lab, `back-${step}`);
  const { runId } = await app.dieAt(step, 'provision', `back-${step}`, 'one');
  expect(await room.client.call('runs.rollback', { runId })).toMatchObject({ state: 'rolled-back', failure: null });
  expect(await stateOf(host)).toBe(before);
});

it('is killed when the administrator is made and nobody has heard of it: the next start knows the password', async () => {
  await createLanCluster(room, lab, 'made');
  const child = app.start('none', 'provision', 'made', 'one');
  const creating = async (): Promise<boolean> => await host.run('sh', '-c', 'pgrep -f "[i]nit-admin" || true') !== '';
  await waitFor('the administrator to be made', creating, { everyMs: 5, timeoutMs: 90_000 });
  child.kill('SIGSTOP');
  await waitFor('the administrator to be there', async () => !await creating(), { timeoutMs: 30_000 });
  child.kill('SIGKILL');
  const { runId, steps: at } = await app.interrupted('first-admin');
  expect(at.find(({ step }) => step === 'first-admin')?.state).not.toBe('done');
  expect(await room.client.call('runs.resume', { runId })).toMatchObject({ state: 'done', failure: null });
  expect(await ping()).toBe('OK');
  expect(await room.client.call('nodes.remove', { clusterId: 'made', nodeId: 'one' })).toMatchObject({ state: 'done', failure: null });
});

it('is killed at each step from the key on, again and again: the last start makes a node of the host', async () => {
  await createLanCluster(room, lab, 'on');
  const [first, ...rest] = steps;
  const { runId } = await app.dieAt(first, 'provision', 'on', 'one');
  for (const step of rest) expect((await app.dieAt(step, 'resume', runId)).runId).toBe(runId);
  expect(await room.client.call('runs.resume', { runId })).toMatchObject({ state: 'done', failure: null });
  expect(await ping()).toBe('OK');
});
