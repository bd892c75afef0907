import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../../../test/harness/temporary-folder.ts';
import type { RemoteCommand } from '../remote-command.ts';
import type { Step } from '../step.ts';
import { target } from '../testing/target.ts';
import { removalSteps } from './removal.ts';

/** A host below a folder, with a node on it, and beside that what is somebody else's. */
let root: TemporaryFolder;
beforeEach(async () => {
  root = await temporaryFolder('removal');
  for (const file of [...provisioned, ...foreign]) write(file, file);
  symlinkSync('releases/1.2.3-a', join(root.path, 'opt/bulkhead/current'));
  write('/etc/passwd', `root:x:0:0:root:/root:/bin/sh\nbulkhead:x:8081:8081:Bulkhead node:/opt/bulkhead:/usr/sbin/nologin\n`);
  write('/etc/group', 'root:x:0:\nbulkhead:x:8081:\n');
  program('systemctl', `printf '%s\\n' "$*" >> '${root.path}/bin/log'`);
  program('setpriv', 'exit 1');
  program('getent', `cat "${root.path}/etc/$1"`);
  program('userdel', `sed -i "/^$1:/d" '${root.path}/etc/passwd'`);
  program('groupdel', `sed -i "/^$1:/d" '${root.path}/etc/group'`);
});
afterEach(() => root.remove());

const provisioned = [
  '/opt/bulkhead/releases/1.2.3-a/node', '/opt/bulkhead/releases/1.2.3-a/bulkhead-node.cjs.part', '/opt/bulkhead/removed/1.0.0-z/node', '/opt/bulkhead/runs/r/was-active',
  '/etc/bulkhead/node.yaml', '/etc/bulkhead/node.yaml.new', '/etc/bulkhead/cluster.key', '/etc/bulkhead/database.password', '/etc/systemd/system/bulkhead-node.service',
  '/etc/systemd/journald@bulkhead.conf', '/var/log/journal/0123abc.bulkhead/system.journal', '/run/log/journal/0123abc.bulkhead/system.journal', '/run/systemd/journal.bulkhead/socket',
  '/var/lib/bulkhead/runs/r.json',
];
const foreign = [
  '/opt/other/file', '/etc/systemd/system/other.service', '/etc/systemd/journald@other.conf', '/etc/systemd/journald.conf', '/var/log/journal/0123abc/system.journal',
  '/var/log/journal/0123abc.other/system.journal', '/run/systemd/journal/socket',
];

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root.path, path)), { recursive: true });
  writeFileSync(join(root.path, path), text);
}

function program(name: string, text: string): void {
  write(`/bin/${name}`, '');
  rmSync(join(root.path, 'bin', name));
  writeFileSync(join(root.path, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

const here = (text: string): string => text.replaceAll(/\/(?:opt\/bulkhead|etc\/(?:bulkhead|systemd|passwd|group)|var\/(?:log|lib)|run)(?![\w-])/g, (found) => `${root.path}${found}`);

function succeeds({ argv }: RemoteCommand): boolean {
  const [first = '', ...rest] = argv.map(here);
  return spawnSync(first, rest, { env: { ...process.env, PATH: `${root.path}/bin:${process.env['PATH'] ?? ''}` } }).status === 0;
}

/** As an attempt does it; resolves to the steps that were not so already. */
function remove(steps: readonly Step[] = removalSteps(target)): string[] {
  return steps.filter(({ probe }) => !probe.every(succeeds)).map(({ id, apply }) => {
    for (const action of apply) expect([id, action.kind === 'command' && succeeds(action.command)]).toEqual([id, true]);
    return id;
  });
}

const left = (): string[] => readdirSync(root.path, { recursive: true, withFileTypes: true }).filter((each) => !each.isDirectory())
  .map((each) => join(each.parentPath, each.name).slice(root.path.length)).filter((path) => !path.startsWith('/bin/')).sort();

it('takes away what provisioning has put there, and nothing else', () => {
  remove();
  expect(left()).toEqual([...foreign, '/etc/passwd', '/etc/group'].sort());
  for (const folder of ['/opt/bulkhead', '/etc/bulkhead', '/var/lib/bulkhead', '/var/log/journal/0123abc.bulkhead', '/run/systemd/journal.bulkhead']) expect([folder, existsSync(join(root.path, folder))]).toEqual([folder, false]);
  expect(readFileSync(join(root.path, 'etc/passwd'), 'utf8')).not.toContain('bulkhead');
  expect(readFileSync(join(root.path, 'etc/group'), 'utf8')).not.toContain('bulkhead');
  // the namespace's units, before their files go
  expect(readFileSync(join(root.path, 'bin/log'), 'utf8')).toContain('stop systemd-journald@bulkhead.service systemd-journald@bulkhead.socket systemd-journald-varlink@bulkhead.socket\n');
  expect(remove()).toEqual([]);
});

it('leaves what others have put into its folders: a filestore above all', () => {
  const others = ['/opt/bulkhead/filestore/blobs/aa', '/opt/bulkhead/lost+found/x', '/etc/bulkhead/notes.txt', '/var/lib/bulkhead/dump.sql'];
  for (const file of others) write(file, file);
  remove();
  expect(left()).toEqual([...foreign, ...others, '/etc/passwd', '/etc/group'].sort());
});

it('takes the journal away as well when it was cut off behind its settings', () => {
  rmSync(join(root.path, 'etc/systemd/journald@bulkhead.conf'));
  expect(remove()).toContain('journal');
  expect(left().filter((path) => path.includes('.bulkhead'))).toEqual([]);
});

it.each([
  ['a user that was there before', 'bulkhead:x:8081:8081:Made by hand:/srv:/bin/sh\n', 'bulkhead:x:8081:\n'],
  ['a user and a group of a directory', '', ''],
  ['a group that others are in', '', 'bulkhead:x:8081:ann\n'],
  ['a group that is somebody\'s first', 'ann:x:1000:8081::/home/ann:/bin/sh\n', 'bulkhead:x:8081:\n'],
])('leaves %s', (_what, passwd, group) => {
  write('/etc/passwd', passwd);
  write('/etc/group', group);
  program('userdel', 'exit 6');
  program('groupdel', 'exit 6');
  expect(remove()).not.toContain('user');
  expect([readFileSync(join(root.path, 'etc/passwd'), 'utf8'), readFileSync(join(root.path, 'etc/group'), 'utf8')]).toEqual([passwd, group]);
});
