import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { balancerOptions, type Balancer } from '../../electron/contract/index.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { DyingApp } from './dying-app.ts';
import { stateOf } from './host-state.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** An app that is killed while it brings the balancer in step: at that step of the node's run, or in the middle of the balancer's own run, whose lock is left on its host. */
const options = balancerOptions.parse({ listen: { port: 8090 } });
const names = ['one', 'lb'] as const;
const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let app: DyingApp;
const before = new Map<string, string>();

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [{ name: 'one' }, { name: 'lb', image: 'balancer' }], database: 'process' }));
  const stateDir = join(clean.use(await temporaryFolder('killed-balancers')).path, 'bulkhead');
  room = clean.use(await openLanRoom(stateDir));
  app = new DyingApp(room, stateDir);
  await addHosts(room, lab, ...names);
  // makes folders of its own when it runs for the first time
  await lab.host('lb').run('sh', '-c', 'systemctl start nginx && systemctl stop nginx');
  for (const name of names) before.set(name, await stateOf(lab.host(name)));
});
afterAll(() => clean.disposeAsync());

async function inFront(cluster: string): Promise<Balancer> {
  await createLanCluster(room, lab, cluster);
  const { clusterId } = (await room.client.call('clusters.lan', {})).find(({ settings }) => settings.name === cluster)!;
  return room.client.call('balancers.assign', { clusterId, hostId: 'lb', product: 'nginx', options });
}

const throughIt = async (): Promise<number> => (await fetch(`http://${lab.target('lb').address}:8090/artifactory/api/system/ping`)).status;
const isUntouched = async (name: typeof names[number]): Promise<void> => { expect(await stateOf(lab.host(name))).toBe(before.get(name)); };

it.each(['balancers', 'put', 'answer'])('is killed at "%s": another start goes on, and the node stands behind the balancer', async (step) => {
  const { balancerId } = await inFront(`on-${step}`);
  const { runId } = await app.dieAt(step, 'provision', `on-${step}`, 'one');
  expect(await room.client.call('runs.resume', { runId })).toMatchObject({ state: 'done', failure: null });
  expect(await app.all()).toEqual([]);
  expect(await throughIt()).toBe(200);
  expect(await room.client.call('balancers.status', { balancerId })).toMatchObject({ state: 'in-step', running: true, backends: [{ nodeId: 'one', onHost: 'serving' }] });

  expect(await room.client.call('nodes.remove', { clusterId: `on-${step}`, nodeId: 'one' })).toMatchObject({ state: 'done', failure: null });
  expect(await room.client.call('balancers.remove', { balancerId })).toMatchObject({ state: 'done', failure: null });
  for (const name of names) await isUntouched(name);
});

it('is killed at "put": taken back, the node is gone from its host and from the balancer', async () => {
  const { balancerId } = await inFront('back');
  const { runId } = await app.dieAt('put', 'provision', 'back', 'one');
  expect(await room.client.call('runs.rollback', { runId })).toMatchObject({ state: 'rolled-back', failure: null });
  expect(await app.all()).toEqual([]);
  await isUntouched('one');
  expect(await room.client.call('balancers.status', { balancerId })).toMatchObject({ state: 'in-step', backends: [] });

  expect(await room.client.call('balancers.remove', { balancerId })).toMatchObject({ state: 'done', failure: null });
  await isUntouched('lb');
});
