import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HostReport, RunSummary } from '../../electron/contract/index.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { ownEnvironment } from '../screens/console-process.ts';
import { cliAnswer, startCli } from './cli.ts';
import { stateOf } from './host-state.ts';
import type { LabHost } from './host.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** Everything that can be in the way: each ends in a message that names it and what to do, and leaves the host as it was, or to be resumed. */
const names = ['one', 'own', 'wall', 'taken'] as const;
const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let environment: NodeJS.ProcessEnv;
let one: LabHost;
const before = new Map<string, string>();

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({
    hosts: [{ name: 'one' }, { name: 'own', ownShare: true }, { name: 'wall', firewall: true }, { name: 'taken', accounts: [{ name: 'jenkins', uid: 8081 }] }], database: 'process',
  }));
  one = lab.host('one');
  const folder = clean.use(await temporaryFolder('refusals'));
  environment = ownEnvironment(folder.path);
  room = clean.use(await openLanRoom(join(folder.path, 'data', 'bulkhead')));
  await addHosts(room, lab, ...names);
  await createLanCluster(room, lab, 'art');
  for (const name of names) before.set(name, await stateOf(lab.host(name)));
});

afterAll(() => clean.disposeAsync());

async function provision(...hostIds: readonly string[]): Promise<RunSummary[]> {
  return room.client.call('nodes.provision', { clusterId: 'art', hostIds: [...hostIds] });
}

/** One that stopped before it changed anything. */
async function refused(hostId: string, code: string, about: RegExp): Promise<RunSummary> {
  const [run] = await provision(hostId);
  expect(run).toMatchObject({ state: 'failed', changed: 0, failure: { code, message: expect.stringMatching(about) as string, hint: expect.stringMatching(/\w/) as string } });
  expect(await stateOf(lab.host(hostId))).toBe(before.get(hostId));
  return run!;
}

const answer = async (...args: readonly string[]): Promise<unknown> => (await cliAnswer(environment, ...args)).answer;

it('a database that only this host cannot reach', async () => {
  await one.cutFrom(lab.databaseAddress);
  await refused('one', 'PREFLIGHT_FAILED', new RegExp(`From this host ${lab.databaseAddress}:\\d+ does not answer`));
  await one.reconnectTo(lab.databaseAddress);
});

it('a full disk', async () => {
  await one.fillDisk(100_000_000);
  await refused('one', 'PREFLIGHT_FAILED', /MiB free on .*400 MiB are needed/);
  await one.freeDisk();
});

it('a host key that has changed, until it is replaced', async () => {
  await one.changeHostKey();
  before.set('one', await stateOf(one));
  await refused('one', 'HOST_KEY_CHANGED', /key/i);
  const { key, state } = await room.client.call('hosts.key', { hostId: 'one' });
  expect(state).toBe('changed');
  await room.client.call('hosts.trust', { hostId: 'one', fingerprint: key!.fingerprint, replace: true });
});

it('a number of the service user that belongs to somebody', async () => {
  await refused('taken', 'PREFLIGHT_FAILED', /8081 belongs to "jenkins"/);
});

it('a share that is not mounted on one of two hosts: neither is touched', async () => {
  const runs = await provision('one', 'own');
  for (const { failure } of runs) expect(failure).toMatchObject({ code: 'PREFLIGHT_FAILED', message: expect.stringMatching(/is not there on (one|own): the filestore is not shared/) as string });
  for (const name of ['one', 'own']) expect(await stateOf(lab.host(name))).toBe(before.get(name));
});

it('an app that is killed in mid-upload: the next start sees it, and takes it back', async () => {
  await one.slowDown(20);
  const child = startCli(environment, 'node', 'provision', 'one', '--cluster', 'art');
  const said = text(child.stderr!);
  const uploading = (): Promise<boolean> => one.run('sh', '-c', 'find /opt/bulkhead -name "*.part" -size +0 2> /dev/null || true').then((found) => found !== '');
  await waitFor('a part of the upload', async () => {
    if (child.exitCode !== null) throw new Error(await said);
    return uploading();
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await one.slowDown(null);
  const interrupted = await waitFor('the run to be seen as interrupted', async () =>
    (await room.client.call('runs.list', {})).find(({ state }) => state === 'interrupted'));
  expect(interrupted.steps.find(({ step }) => step === 'runtime')?.state).toBe('applying');
  expect(await answer('run', 'rollback', interrupted.runId)).toMatchObject([{ state: 'rolled-back' }]);
  expect(await stateOf(one)).toBe(before.get('one'));
});

it('a risk that nobody has taken on; taken on by name, the run goes on', async () => {
  await lab.database!.query(`alter role ${lab.database!.user} set synchronous_commit = off`);
  const { runId } = await refused('one', 'WARNINGS_NOT_ACCEPTED', /database-durability: synchronous_commit is off/);
  const report = await room.client.call('hosts.check', { hostId: 'one', clusterId: 'art' });
  expect(report.checks.find(({ id }) => id === 'database-durability')).toMatchObject({ status: 'warning', stops: true });
  expect(await answer('run', 'resume', runId, '--accept', 'database-durability')).toMatchObject([{ state: 'done', failure: null }]);
});

it('a firewall that keeps the other nodes out, with the command that opens it', async () => {
  await lab.database!.query(`alter role ${lab.database!.user} reset synchronous_commit`);
  const run = await refused('wall', 'PREFLIGHT_FAILED', /cannot be reached from one: the nftables chain "inet filter input" drops what it does not know/);
  const [open] = run.failure!.hint.split('   ');
  await lab.host('wall').run('sh', '-c', open!);
  const port = (report: HostReport): unknown => report.checks.find(({ id }) => id === 'node-port')?.status;
  expect(port(await room.client.call('hosts.check', { hostId: 'wall', clusterId: 'art' }))).toBe('passed');
});
