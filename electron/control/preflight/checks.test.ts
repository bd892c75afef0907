import { expect, it } from 'vitest';
import { checks, runChecks, type Check, type CheckContext, type PlannedNode, type ProbeResult } from './index.ts';

const planned: PlannedNode = {
  clusterName: 'art', nodeId: 'n1', listen: { port: 8081 }, database: { host: '10.0.0.9', port: 5432, pool: { min: 5 } },
  filestore: '/srv/bulkhead/filestore', serviceUid: 8081, serviceGid: 8081, peerUrl: null,
};

/** Answers by the first word that a command line begins with or contains. */
function host(answers: Readonly<Record<string, Partial<ProbeResult>>>, plan: PlannedNode | null = planned): CheckContext {
  return {
    planned: plan,
    probe: (...argv) => {
      const line = argv.join(' ');
      const found = Object.entries(answers).find(([part]) => line.includes(part))?.[1];
      return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...found });
    },
  };
}

const signal = new AbortController().signal;
const only = async (id: string, context: CheckContext): Promise<unknown> =>
  (await runChecks(checks.filter((check) => check.id === id), context, signal))[0];

it.each([
  ['platform', { uname: { stdout: 'Linux aarch64\n' } }, 'failed'],
  ['platform', { uname: { stdout: 'Linux x86_64\n' } }, 'passed'],
  ['glibc', { getconf: { stdout: 'glibc 2.27\n' } }, 'failed'],
  ['glibc', { getconf: { stdout: 'glibc 2.36\n' } }, 'passed'],
  ['glibc', { getconf: { exitCode: 127 } }, 'failed'],
  ['systemd', { '--version': { stdout: 'systemd 239 (239)\n' } }, 'failed'],
  ['systemd', { 'test -d': { exitCode: 1 } }, 'failed'],
  ['tools', { 'command -v': { stdout: 'gzip\n' } }, 'failed'],
  ['disk', { 'df -Pk': { stdout: '/dev/vda 1000000 900000 100000 90% /opt\n' } }, 'failed'],
  ['memory', { meminfo: { stdout: 'MemTotal: 2048000 kB\nMemAvailable: 700000 kB\n' } }, 'warning'],
  ['runtime-folder', { findmnt: { stdout: '/opt rw,noexec,relatime\n' } }, 'failed'],
  ['port', { 'ss ': { stdout: 'LISTEN 0 5 0.0.0.0:8081 0.0.0.0:* users:(("java",pid=99,fd=3))\n' }, MainPID: { stdout: '0\n' } }, 'failed'],
  ['port', { 'ss ': { stdout: 'LISTEN 0 5 0.0.0.0:8081 0.0.0.0:* users:(("node",pid=99,fd=3))\n' }, MainPID: { stdout: '99\n' } }, 'passed'],
  ['database-port', { '/dev/tcp': { exitCode: 124 } }, 'failed'],
  ['filestore', { setpriv: { exitCode: 13 } }, 'failed'],
  ['filestore-mount', { findmnt: { stdout: '/srv nfs4 rw,soft,proto=tcp\n' } }, 'failed'],
  ['filestore-mount', { findmnt: { stdout: '/ ext4 rw\n' } }, 'warning'],
  ['service-uid', { getent: { stdout: 'jenkins:x:8081:8081::/home/jenkins:/bin/sh\n' } }, 'failed'],
  ['service-uid', { getent: { stdout: 'bulkhead:x:8081:8081::/opt/bulkhead:/usr/sbin/nologin\n' } }, 'passed'],
  ['service-uid', { getent: { stdout: 'bulkhead:x:990:990::/opt/bulkhead:/usr/sbin/nologin\n' } }, 'failed'],
  ['existing-node', { 'node.yaml': { stdout: 'node:\n  id: other\n  url: http://x\ncluster:\n  name: foreign\n' } }, 'failed'],
  ['existing-node', { 'node.yaml': { stdout: 'node:\n  id: n1\n  url: http://x\ncluster:\n  name: art\n' } }, 'passed'],
])('%s says of %o: %s', async (id, answers, status) => {
  expect(await only(id, host(answers))).toMatchObject({ id, status });
});

it('names who holds the port, and every failure says how to mend it', async () => {
  const taken = { 'ss ': { stdout: 'LISTEN 0 5 *:8081 *:* users:(("java",pid=99,fd=3))\n' }, MainPID: { stdout: '0' } };
  expect(await only('port', host(taken))).toMatchObject({ found: 'Port 8081 is taken by java (process 99)' });
  const results = await runChecks(checks, host({ '': { exitCode: 1 } }), signal);
  for (const { id, fixes } of results.filter(({ status }) => status === 'failed')) expect(fixes, id).not.toEqual([]);
});

it('lets no check break the list', async () => {
  const broken: Check = { id: 'broken', category: 'system', applicable: () => true, check: () => Promise.reject(new Error('oh')) };
  const results = await runChecks([broken, ...checks.slice(0, 1)], host({ uname: { stdout: 'Linux x86_64' } }), signal);
  expect(results.map(({ status }) => status)).toEqual(['failed', 'passed']);
});

it('looks only at the host itself while nothing is planned', async () => {
  const results = await runChecks(checks, host({}, null), signal);
  expect(results.map(({ category }) => category)).not.toContain('database');
  expect(results.map(({ category }) => category)).not.toContain('filestore');
});
