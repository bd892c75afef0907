import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { users } from './constants.ts';
import { startLab, type Lab } from './lab.ts';
import { createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';

const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let config: string;

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({
    hosts: [{ name: 'gate', sshPort: 2222 }, { name: 'middle', behind: 'gate' }, { name: 'inner', behind: 'middle' }, { name: 'dialog', keyboardInteractive: true }], database: 'process',
  }));
  const folder = clean.use(await temporaryFolder('ways')).path;
  room = clean.use(await openLanRoom(join(folder, 'state')));
  config = join(folder, 'ssh_config');
  const block = (name: string, ...lines: readonly string[]): string => [`Host ${name}`, `  HostName ${lab.host(name).address}`, ...lines.map((line) => `  ${line}`), ''].join('\n');
  await writeFile(config, [
    block('gate', 'Port 2222'), block('middle', 'ProxyJump gate', 'User plain'), block('inner', 'ProxyJump middle', 'ForwardAgent yes'),
    `Host *\n  User ops\n  IdentityFile ${lab.keyFile}\n  IdentityAgent none\n  StrictHostKeyChecking no\n  UserKnownHostsFile ${join(folder, 'theirs')}\n`,
  ].join('\n'));
});
afterAll(() => clean.disposeAsync());

it('reaches a host over two others as ssh itself does, from the same file', async () => {
  const theirs = spawnSync('ssh', ['-F', config, '-o', 'BatchMode=yes', 'inner', 'hostname'], { encoding: 'utf8' });
  expect(theirs.stdout.trim()).toBe('inner');
  const preview = await room.client.call('hosts.importPreview', { path: config });
  expect(preview.hosts.find(({ alias }) => alias === 'inner')).toMatchObject({ state: 'new', problem: null, jump: [{ alias: 'gate', port: 2222 }, { alias: 'middle', port: 22 }] });
  expect(preview.hosts.find(({ alias }) => alias === 'inner')?.notHonoured.map(({ directive }) => directive)).toEqual(['forwardagent', 'stricthostkeychecking', 'userknownhostsfile']);
  const { added } = await room.client.call('hosts.import', { path: config, aliases: ['inner'] });
  expect(added.map(({ name }) => name)).toEqual(['gate', 'middle', 'inner']);
  await expect(room.client.call('hosts.test', { hostId: 'inner' })).resolves.toMatchObject({ ok: false, failure: { code: 'HOST_KEY_UNKNOWN' }, hops: [{ state: 'failed' }, { state: 'not reached' }, { state: 'not reached' }] });
  const trusted: string[] = [];
  for (;;) {
    const { hop, key } = await room.client.call('hosts.key', { hostId: 'inner' });
    if (key === null) break;
    trusted.push(hop);
    await room.client.call('hosts.trust', { hostId: 'inner', fingerprint: key.fingerprint });
  }
  expect(trusted).toEqual([`ops@${lab.host('gate').address}:2222`, `plain@${lab.host('middle').address}`, `ops@${lab.host('inner').address}`]);
  const report = await room.client.call('hosts.test', { hostId: 'inner' });
  expect(report).toMatchObject({ ok: true, privilege: { kind: 'sudo' }, facts: { hostname: 'inner' }, hops: [{ state: 'signed in' }, { state: 'signed in' }, { state: 'signed in' }] });
});

it('makes a node of a host that only another one can reach', async () => {
  await createLanCluster(room, lab, 'art');
  const runs = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['inner'] });
  expect(runs.map(({ state, failure }) => [state, failure])).toEqual([['done', null]]);
  expect((await lab.host('inner').run('systemctl', 'is-active', 'bulkhead-node.service')).trim()).toBe('active');
});

it('stops when a host on the way shows another key, and sends nothing farther', async () => {
  await lab.host('middle').changeHostKey();
  expect(await room.client.call('hosts.key', { hostId: 'inner' })).toMatchObject({ state: 'changed', hop: `plain@${lab.host('middle').address}` });
  const report = await room.client.call('hosts.test', { hostId: 'inner' });
  expect(report).toMatchObject({ failure: { code: 'HOST_KEY_CHANGED' }, hops: [{ state: 'signed in' }, { state: 'failed', attempts: [], key: { state: 'changed' } }, { state: 'not reached' }] });
  await room.client.call('hosts.trust', { hostId: 'inner', fingerprint: report.hops[1]?.key?.fingerprint ?? '', replace: true });
  expect(await room.client.call('hosts.test', { hostId: 'inner' })).toMatchObject({ ok: true });
});

it('signs in where passwords are taken in a dialog only, with what is kept or with a person', async () => {
  const { address, port } = lab.target('dialog');
  const host = { name: 'dialog', address, port, user: users.careful.name, auth: { kind: 'password', password: users.careful.password } } as const;
  await room.client.call('hosts.add', host);
  const { key } = await room.client.call('hosts.key', { hostId: 'dialog' });
  await room.client.call('hosts.trust', { hostId: 'dialog', fingerprint: key?.fingerprint ?? '' });
  expect(await room.client.call('hosts.test', { hostId: 'dialog' })).toMatchObject({ ok: true, privilege: { kind: 'sudo with password' } });
  const stop = room.client.subscribe('hosts.questions', {}, {
    item: (questions) => { for (const { questionId } of questions) void room.client.call('hosts.answer', { questionId, answers: [users.careful.password] }); },
  });
  try {
    expect(await room.client.call('hosts.test', { host: { ...host, auth: { kind: 'keyboard-interactive' } } })).toMatchObject({ failure: null, hops: [{ attempts: [{ method: 'keyboard-interactive', outcome: 'accepted' }] }] });
  } finally {
    stop();
  }
});
