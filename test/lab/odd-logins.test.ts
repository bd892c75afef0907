import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HostReport } from '../../electron/contract/index.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { users } from './constants.ts';
import { stateOf } from './host-state.ts';
import { createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** Logins that are not like a plain Debian's, a disk that is full elsewhere, a clock from another day, two people at once. */
const names = ['fish', 'csh', 'strict'] as const;
const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let folder: string;

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({
    hosts: [
      { name: 'fish', image: 'shells', shell: '/usr/bin/fish' }, { name: 'csh', image: 'shells', shell: '/bin/csh', noisy: true },
      { name: 'strict', umask: '077', authenticationMethods: 'publickey,password', maxSessions: 2 },
    ],
    database: 'process',
  }));
  folder = clean.use(await temporaryFolder('odd-logins')).path;
  room = await openRoom('state');
  await createLanCluster(room, lab, 'art');
});

afterAll(() => clean.disposeAsync());

/** A desktop that knows the hosts. `strict` wants both proofs, and a password for sudo; it opens hardly any sessions in a connection. */
async function openRoom(state: string): Promise<LanRoom> {
  const opened = clean.use(await openLanRoom(join(folder, state)));
  for (const name of names) {
    const { address, port } = lab.target(name);
    const { name: user, password } = name === 'strict' ? users.careful : users.ops;
    await opened.client.call('hosts.add', {
      name, address, port, user, auth: { kind: 'key', file: lab.keyFile }, ...(name === 'strict' ? { fallbacks: [{ kind: 'password' as const, password }], sudoPassword: password } : {}),
    });
    const { key } = await opened.client.call('hosts.key', { hostId: name });
    await opened.client.call('hosts.trust', { hostId: name, fingerprint: key!.fingerprint });
  }
  return opened;
}

const check = (report: HostReport, id: string): unknown => report.checks.find((each) => each.id === id);

it('says of a clock that is days off how many days', async () => {
  await lab.host('fish').skewClock(-3 * 86_400);
  expect(check(await room.client.call('hosts.check', { hostId: 'fish', clusterId: 'art' }), 'clock')).toMatchObject({ status: 'warning', found: "The clock is 3 days behind the database's" });
  await lab.host('fish').skewClock(0);
});

it('refuses a host whose /var is full, although /opt has room, and leaves it untouched', async () => {
  const host = lab.host('fish');
  const before = await stateOf(host);
  await host.run('sh', '-c', 'mkdir /run/var && cp -a /var/. /run/var && mount -t tmpfs -o size=64m,mode=755 tmpfs /var && cp -a /run/var/. /var && head -c 100m /dev/zero > /var/filler 2> /dev/null || true');
  try {
    const [run] = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['fish'] });
    expect(run).toMatchObject({ state: 'failed', changed: 0, failure: { code: 'PREFLIGHT_FAILED', message: expect.stringMatching(/0 MiB free on \/var; 50 MiB are needed/) as string, hint: expect.stringMatching(/\w/) as string } });
  } finally {
    await host.run('sh', '-c', 'umount --lazy /var; rm -rf /run/var');
  }
  expect(await stateOf(host)).toBe(before);
});

it('makes nodes of hosts with fish and csh as login shells, and of one that wants key and password, hides what it makes and opens two sessions at most; a second desktop is told who is at it', async () => {
  expect(await room.client.call('hosts.test', { hostId: 'strict' })).toMatchObject({
    ok: true, privilege: { kind: 'sudo with password' }, hops: [{ attempts: [{ method: 'key-file', outcome: 'accepted, more is asked' }, { method: 'password', outcome: 'accepted' }] }],
  });
  const second = await openRoom('second');
  await createLanCluster(second, lab, 'other');
  const locked = new Promise<void>((resolve) => {
    const stop = room.client.subscribe('runs.watch', {}, { item: ({ nodeId, steps }) => {
      if (nodeId !== 'fish' || !steps.some(({ step, state }) => step === 'runtime' && state !== 'waiting')) return;
      stop();
      resolve();
    } });
  });
  await lab.host('fish').slowDown(12);
  const first = room.client.call('nodes.provision', { clusterId: 'art', hostIds: [...names] });
  await Promise.race([locked, first]);
  const [refused] = await second.client.call('nodes.provision', { clusterId: 'other', hostIds: ['fish'] });
  await lab.host('fish').slowDown(null);
  expect(refused).toMatchObject({ state: 'failed', changed: 0, failure: { code: 'HOST_LOCKED', message: expect.stringMatching(/Another run works on this host: .+, since \d{4}-/) as string } });
  const runs = await first;
  expect(runs.map(({ nodeId, state, failure }) => [nodeId, state, failure?.message ?? null])).toEqual(names.map((name) => [name, 'done', null]));
  console.log(runs.map(({ nodeId, startedAt, endedAt }) => `${nodeId} served ${(((endedAt ?? 0) - startedAt) / 1000).toFixed(1)} s after the click`).join(', '));
  for (const name of names) {
    await waitFor(`${name} to serve`, async () => (await (await fetch(`http://${lab.target(name).address}:8081/artifactory/api/system/ping`)).text()) === 'OK');
  }
});

it('takes it all away again', async () => {
  expect(await room.client.call('nodes.remove', { clusterId: 'art', nodeId: 'strict' })).toMatchObject({ state: 'done', failure: null });
  expect(await lab.host('strict').run('sh', '-c', 'find / -xdev -path /proc -prune -o -path /sys -prune -o -path /var/log -prune -o -path /srv -prune -o -name "*bulkhead*" -print')).toBe('');
});
