import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunSummary } from '../../electron/contract/index.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { ownEnvironment } from '../screens/console-process.ts';
import { cliAnswer } from './cli.ts';
import { users } from './constants.ts';
import { stateOf as stateOfHost } from './host-state.ts';
import { startLab, type Lab } from './lab.ts';
import { openLanRoom, type LanRoom } from './lan-room.ts';

const names = ['one', 'two', 'three'] as const;
/** the connection to this one is cut in mid-upload: that takes as long as silence is borne, and the others go on meanwhile */
const cutOff = 'four';
const cluster = 'art';

let lab: Lab;
let databaseName: string;
let folder: TemporaryFolder;
let room: LanRoom;
const before = new Map<string, string>();

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [...names, cutOff].map((name) => ({ name })), database: 'process' }));
  folder = clean.use(await temporaryFolder('provision'));
  databaseName = await lab.database!.createDatabase();
  room = await openRoom();
  clean.defer(() => room.close());
  for (const name of [...names, cutOff]) {
    before.set(name, await stateOf(name));
    await addHost(name, name);
  }
  await room.client.call('clusters.create', {
    name: cluster, databasePassword: lab.database!.password, filestore: '/srv/bulkhead/filestore', drainNoticeMs: 200,
    database: { host: lab.gateway, port: lab.database!.port, name: databaseName, user: lab.database!.user, keepForOthers: 5 },
  });
});

const clean = new AsyncDisposableStack();
afterAll(() => clean.disposeAsync());

/** A program of its own on the same state, as a second start of the app would be. */
const openRoom = (): Promise<LanRoom> => openLanRoom(join(folder.path, 'data', 'bulkhead'));

async function addHost(host: string, name: string, auth: 'key' | 'password' = 'key', user: 'ops' | 'plain' = 'ops', password: string = users[user].password): Promise<void> {
  const { address, port } = lab.target(host);
  await room.client.call('hosts.add', { name, address, port, user: users[user].name, auth: auth === 'key' ? { kind: 'key', file: lab.keyFile } : { kind: 'password', password } });
  const { key } = await room.client.call('hosts.key', { hostId: name });
  if (key !== null) await room.client.call('hosts.trust', { hostId: name, fingerprint: key.fingerprint });
}

const stateOf = (name: string): Promise<string> => stateOfHost(lab.host(name));

async function provision(...hostIds: readonly string[]): Promise<RunSummary[]> {
  return room.client.call('nodes.provision', { clusterId: cluster, hostIds: [...hostIds] });
}

async function ping(name: string): Promise<string> {
  return (await fetch(`http://${lab.target(name).address}:8081/artifactory/api/system/ping`)).text();
}

/** Begins a run whose connection is cut in mid-upload. */
async function cutInUpload(): Promise<RunSummary> {
  const host = lab.host(cutOff);
  const watching = new AbortController();
  await host.slowDown(20);
  const cut = new Promise<void>((resolve, reject) => {
    room.client.subscribe('runs.watch', {}, { item: ({ nodeId, steps }) => {
      if (watching.signal.aborted || nodeId !== cutOff || steps.find(({ step }) => step === 'runtime')?.state !== 'applying') return;
      watching.abort();
      waitFor('a part of the upload', async () => (await host.run('sh', '-c', 'find /opt/bulkhead -name "*.part" -size +0')) !== '', { everyMs: 5 })
        .then(() => host.cutOff()).then(resolve, reject);
    } });
  });
  const [[run]] = await Promise.all([provision(cutOff), cut]);
  return run!;
}
let cut: Promise<RunSummary>;

it('refuses wrong passwords and users without rights, and leaves the host as it was', async () => {
  await addHost('one', 'wrong-password', 'password', 'ops', 'no such password');
  await addHost('one', 'no-sudo', 'key', 'plain');
  const runs = await provision('wrong-password', 'no-sudo');
  expect(runs.map(({ state, failure }) => [state, failure?.code])).toEqual([['failed', 'AUTH_FAILED'], ['failed', 'NO_PRIVILEGE']]);
  expect(await stateOf('one')).toBe(before.get('one'));
  for (const hostId of ['wrong-password', 'no-sudo']) await room.client.call('hosts.remove', { hostId });
});

it('names who holds the port, and changes nothing', async () => {
  await lab.host('one').run('systemd-run', '--unit=squatter', '--property=Type=exec', 'perl', '-MIO::Socket', '-e', 'IO::Socket::INET->new(LocalPort => 8081, Listen => 5)->accept');
  await waitFor('the port to be taken', async () => (await lab.host('one').run('ss', '-Hltn', 'sport = :8081')) !== '');
  const [run] = await provision('one');
  expect(run?.failure).toMatchObject({ code: 'PREFLIGHT_FAILED', message: expect.stringMatching(/8081 is taken by perl/) as string });
  await lab.host('one').run('systemctl', 'stop', 'squatter');
  expect(await stateOf('one')).toBe(before.get('one'));
});

it('makes a serving cluster of bare hosts', async () => {
  cut = cutInUpload();
  cut.catch(() => undefined);
  const startedAt = performance.now();
  const runs = await provision(...names);
  expect(runs.map(({ state, failure }) => [state, failure])).toEqual(names.map(() => ['done', null]));
  console.log(`three hosts served after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  for (const name of names) expect(await ping(name)).toBe('OK');
  const detail = await room.client.call('runs.show', { runId: runs.at(-1)!.runId });
  expect(detail.commands.filter(({ exitCode }) => exitCode === null)).toEqual([]);
});

it('changes nothing when it is run again', async () => {
  const was = await Promise.all(names.map(stateOf));
  const runs = await provision(...names);
  expect(runs.map(({ state, changed }) => [state, changed])).toEqual(names.map(() => ['done', 0]));
  expect(await Promise.all(names.map(stateOf))).toEqual(was);
});

it('goes on with an upload that was cut, and takes everything back when asked', async () => {
  const { runId, failure } = await cut;
  expect(failure?.code).toBe('SSH_CONNECTION_LOST');
  await lab.host(cutOff).slowDown(null);
  await lab.host(cutOff).reconnect();
  expect(await room.client.call('runs.resume', { runId })).toMatchObject({ state: 'done' });
  expect(await ping(cutOff)).toBe('OK');
  expect(await room.client.call('runs.rollback', { runId })).toMatchObject({ state: 'rolled-back' });
  expect(await stateOf(cutOff)).toBe(before.get(cutOff));
});

it('is told of by commands that end by themselves, with nothing left open', async () => {
  const environment = ownEnvironment(folder.path);
  const commands = [
    ['node', 'upgrade', '--cluster', cluster, '--plan'], ['node', 'upgrade', '--cluster', cluster, '--to', 'never-there', '--plan'],
    ['run', 'list', '--cluster', cluster], ['maintenance', 'list', '--cluster', cluster], ['balancer', 'list', '--cluster', cluster], ['host', 'check', 'one', '--cluster', cluster], ['status'],
  ];
  const said = async (command: readonly string[]): Promise<unknown> => [command, (await cliAnswer(environment, ...command)).said];
  expect(await Promise.all(commands.map(said))).toEqual(commands.map((command) => [command, '']));
});

it('is one cluster for a second program on the same state, which sees runs and can remove nodes', async () => {
  await room.close();
  room = await openRoom();
  expect(await room.client.call('nodes.remove', { clusterId: cluster, nodeId: 'three' })).toMatchObject({ state: 'done' });
  expect(await stateOf('three')).toBe(before.get('three'));
  expect(await ping('one')).toBe('OK');
  expect((await room.client.call('clusters.lan', {}))[0]?.nodes.map(({ nodeId }) => nodeId).sort()).toEqual(['one', 'two']);
});

it('keeps secrets out of the records, the state and the command lines of the host', async () => {
  const state = join(folder.path, 'data', 'bulkhead');
  const stored = Buffer.concat(await Promise.all(['control.sqlite', 'control.sqlite-wal'].map((file) => readFile(join(state, file)).catch(() => Buffer.alloc(0)))));
  const key = (await lab.host('one').run('cat', '/etc/bulkhead/cluster.key')).trim();
  const seen = await lab.host('one').run('sh', '-c', 'cat /proc/*/cmdline /proc/*/environ 2>/dev/null | tr "\\0" "\\n"; journalctl --namespace="*" --no-pager');
  for (const secret of [lab.database!.password, key]) {
    expect(secret.length).toBeGreaterThan(20);
    expect(stored.includes(secret)).toBe(false);
    expect(seen.includes(secret)).toBe(false);
  }
});
