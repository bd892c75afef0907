import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestServer, type TestServerOptions } from '../../../test/harness/ssh-server.ts';
import { KnownHosts, openSession, Secret, type HostTarget } from './index.ts';

/** Hosts that let less through one connection than sshd does by itself. */
let folder: string;
const ends: (() => Promise<unknown>)[] = [];
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'bulkhead-sessions-')); });
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

const credentials = [{ kind: 'password', password: new Secret('x') }] as const;

async function serverWith(options: Omit<TestServerOptions, 'rules'>): Promise<{ target: HostTarget; knownHosts: KnownHosts }> {
  const server = await TestServer.start({ ...options, rules: { password: 'x' } });
  ends.push(() => server.stop());
  const knownHosts = new KnownHosts(join(folder, 'known_hosts'), []);
  await knownHosts.trust('127.0.0.1', server.port, server.hostKey);
  return { target: { address: '127.0.0.1', port: server.port, user: 'ops', jump: [] }, knownHosts };
}

test.each([1, 2, 3])('a host that opens %i at once gets all commands, one after the other where it must be', async (maxSessions) => {
  const { target, knownHosts } = await serverWith({ maxSessions });
  const session = await openSession(target, credentials, knownHosts);
  ends.push(() => session.close());
  const said = await Promise.all(Array.from({ length: 12 }, async (_, index) => (await session.run({ script: 'sleep 0.05; echo "$1"', args: [String(index)] })).stdout));
  expect(said).toEqual(Array.from({ length: 12 }, (_, index) => `${String(index)}\n`));
});

test('a host that opens none says so', async () => {
  const { target, knownHosts } = await serverWith({ maxSessions: 0 });
  const session = await openSession(target, credentials, knownHosts);
  ends.push(() => session.close());
  await expect(session.run({ argv: ['true'] })).rejects.toMatchObject({ code: 'REMOTE_SHELL_UNUSABLE', hint: expect.stringContaining('MaxSessions') as string });
});

test('a host that lets a user in and runs nothing for them says why: a password that has expired, for example', async () => {
  writeFileSync(join(folder, 'sh'), '#!/bin/sh\necho "WARNING: Your password has expired." >&2\necho "Password change required but no TTY available." >&2\nexit 1\n', { mode: 0o755 });
  const { target, knownHosts } = await serverWith({ environment: { PATH: folder } });
  const session = await openSession(target, credentials, knownHosts);
  ends.push(() => session.close());
  await expect(session.run({ argv: ['true'] })).rejects.toMatchObject({ code: 'REMOTE_SHELL_UNUSABLE', message: expect.stringContaining('Password change required') as string });
});

test('a password that sudo does not take is told as that, and not as one that is missing', async () => {
  const program = (name: string, text: string): void => { writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 }); };
  program('id', 'echo 1000');
  program('sudo', 'case $1 in -n) echo "sudo: a password is required" >&2; exit 1;; esac\nprintf %s "$4" >&2; read -r given; printf "Sorry, try again.\\n%s" "$4" >&2; read -r given; exit 1');
  const { target, knownHosts } = await serverWith({ environment: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
  const session = await openSession(target, credentials, knownHosts);
  ends.push(() => session.close());
  await expect(session.run({ argv: ['true'] }, { sudo: true })).rejects.toMatchObject({ code: 'SUDO_PASSWORD_WRONG', message: expect.stringContaining('did not accept') as string });
});

test('a host behind a jump host that waits for it without an end is given up in time, and at once when that is cancelled', async () => {
  const { target, knownHosts } = await serverWith({ forwardsNothing: true });
  const behind = { ...target, address: '192.0.2.1', port: 22, jump: [target] };
  await expect(openSession(behind, credentials, knownHosts, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'HOST_UNREACHABLE', details: { hop: 'ops@192.0.2.1', reason: 'timeout' } });
  const stopping = new AbortController();
  const opening = openSession(behind, credentials, knownHosts, { signal: stopping.signal, onHop: () => { stopping.abort(); } });
  await expect(opening).rejects.toMatchObject({ code: 'CANCELLED' });
});
