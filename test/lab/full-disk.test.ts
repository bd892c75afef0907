import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { RunSummary } from '../../electron/contract/index.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { stateOf } from './host-state.ts';
import type { LabHost } from './host.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** A disk that had room enough when it was checked, and is full before everything is there. */
const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let host: LabHost;
let before: string;

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [{ name: 'one', disk: '600m' }], database: 'process' }));
  host = lab.host('one');
  room = clean.use(await openLanRoom(join(clean.use(await temporaryFolder('full-disk')).path, 'bulkhead')));
  await addHosts(room, lab, 'one');
  before = await stateOf(host);
});
afterAll(() => clean.disposeAsync());
afterEach(() => host.freeDisk());

const partBytes = async (): Promise<number> => Number(await host.run('sh', '-c', 'cat /opt/bulkhead/releases/*/node.*.part 2> /dev/null | wc -c'));

/** Begins a run, and fills the disk but for `left` bytes while the runtime is on its way. */
async function fillUnder(cluster: string, left: number): Promise<RunSummary> {
  await createLanCluster(room, lab, cluster);
  await host.slowDown(20);
  const run = room.client.call('nodes.provision', { clusterId: cluster, hostIds: ['one'] });
  await waitFor('a part of the upload', async () => await partBytes() > 1_000_000, { everyMs: 20 });
  // what is written while the disk is measured would be missing when it is filled
  await host.slowDown(1);
  await host.fillDisk(left);
  await host.slowDown(null);
  return (await run)[0]!;
}

/** What the upload of the runtime began with when the run went on, in bytes. */
async function resumedAt(work: () => Promise<unknown>): Promise<number> {
  const seen: number[] = [];
  const stop = room.client.subscribe('runs.watch', {}, { item: ({ upload }) => { if (upload?.file === 'node') seen.push(upload.sentBytes); } });
  try {
    await work();
  } finally {
    stop();
  }
  return seen[0] ?? 0;
}

it.each([['while it arrives', 4_000_000], ['when it is unpacked', 70_000_000]] as const)('is full %s: the message names the disk, and once there is room the upload goes on where it was', async (when, left) => {
  const cluster = left < 10_000_000 ? 'arriving' : 'unpacking';
  const { runId, failure, state, steps } = await fillUnder(cluster, left);
  expect(state, when).toBe('failed');
  expect(failure).toMatchObject({ code: 'HOST_DISK_FULL', message: expect.stringMatching(/no room for \/opt\/bulkhead\/releases\/.*: [\d.]+ MiB are free on \/,/) as string, hint: expect.stringContaining('Free space on /') as string });
  expect(steps.find(({ step }) => step === 'runtime')?.state).toBe('failed');
  const there = await partBytes();
  expect(there).toBeGreaterThan(1_000_000);

  // nothing is better as long as nobody has freed anything, and nothing that has arrived is lost
  expect((await room.client.call('runs.resume', { runId })).failure).toMatchObject({ code: expect.stringMatching(/HOST_DISK_FULL|PREFLIGHT_FAILED/) as string });
  expect(await partBytes()).toBeGreaterThanOrEqual(there);
  await host.freeDisk();
  const from = await resumedAt(async () => {
    expect(await room.client.call('runs.resume', { runId })).toMatchObject({ state: 'done', failure: null });
  });
  expect(from).toBeGreaterThan(there - 65_536);
  expect(await (await fetch(`http://${lab.target('one').address}:8081/artifactory/api/system/ping`)).text()).toBe('OK');
  expect(await room.client.call('nodes.remove', { clusterId: cluster, nodeId: 'one' })).toMatchObject({ state: 'done', failure: null });
  expect(await stateOf(host)).toBe(before);
});

it('is taken back while the disk is still full: the host is as it was', async () => {
  const { runId, failure } = await fillUnder('back', 4_000_000);
  expect(failure?.code).toBe('HOST_DISK_FULL');
  expect(await room.client.call('runs.rollback', { runId })).toMatchObject({ state: 'rolled-back', failure: null });
  await host.freeDisk();
  expect(await stateOf(host)).toBe(before);
});
