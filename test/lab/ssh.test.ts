import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KnownHosts, openSession, Secret, type Credential, type HopTrace, type HostTarget, type OpenOptions, type SshSession } from '../../electron/control/ssh/index.ts';
import { makeKey, startAgent } from '../harness/key-files.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { users } from './constants.ts';
import { startLab, type Lab } from './lab.ts';

let lab: Lab;
let folder: TemporaryFolder;
let knownHosts: KnownHosts;
/** why the session ended with a host that has lost its power: nobody tells, so it takes as long as the silence is borne */
let lost: Promise<unknown>;
const open: SshSession[] = [];

beforeAll(async () => {
  folder = await temporaryFolder('lab-ssh');
  lab = await startLab({
    hosts: [
      { name: 'plain' },
      { name: 'odd', sshPort: 2222, sftp: false, noisy: true, forwarding: false, execInTmp: false, smallOpt: '4m' },
      { name: 'changing' }, { name: 'doomed' },
    ],
  });
  knownHosts = new KnownHosts(join(folder.path, 'known_hosts'), []);
  for (const { name } of lab.hosts) await trust(lab.target(name));
  const session = await login(lab.target('doomed'));
  lost = new Promise((resolve) => { session.closed.addEventListener('abort', () => resolve(session.closed.reason), { once: true }); });
  await lab.host('doomed').losePower();
});

afterAll(async () => {
  for (const session of open) await session.close();
  await lab.stop();
  await folder.remove();
});

const key = (): Credential => ({ kind: 'key-file', path: lab.keyFile });
const password = (text: string): Credential => ({ kind: 'password', password: new Secret(text) });

async function login(target: HostTarget, credentials: readonly Credential[] = [key()], options: OpenOptions = {}): Promise<SshSession> {
  const session = await openSession(target, credentials, knownHosts, options);
  open.push(session);
  return session;
}

async function trust(target: HostTarget): Promise<void> {
  const error: unknown = await openSession(target, [key()], knownHosts).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', details: { showCommand: 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub' } });
  const { address, port, shown } = (error as { details: { address: string; port: number; shown: { type: string; key: string } } }).details;
  await knownHosts.trust(address, port, shown);
}

describe('logging in', () => {
  test('by key, and by password', async () => {
    const byKey = await login(lab.target('plain'));
    expect((await byKey.run({ argv: ['id', '-un'] })).stdout).toBe('ops\n');
    const byPassword = await login(lab.target('plain', 'careful'), [password(users.careful.password)]);
    expect((await byPassword.run({ argv: ['id', '-un'] })).stdout).toBe('careful\n');
  });

  test('a wrong password says what was tried, and not with what', async () => {
    const error: unknown = await login(lab.target('plain', 'careful'), [password('canary-password')]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'AUTH_FAILED', details: { attempts: [{ method: 'password', outcome: 'refused' }] } });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  test('an agent with more keys than may be tried is told of, and what comes after it is tried all the same', async () => {
    const { socket, stop } = await startAgent(folder.path, Array.from({ length: 8 }, (_, at) => makeKey(folder.path, `agent-${String(at)}`)));
    try {
      const traces: HopTrace[] = [];
      await login(lab.target('plain'), [{ kind: 'agent', socket }, key()], { onHop: (hop) => traces.push(hop) });
      expect(traces[0]?.attempts).toMatchObject([{ method: 'agent', outcome: 'refused' }, { method: 'key-file', outcome: 'accepted' }]);
      await expect(login(lab.target('plain'), [{ kind: 'agent', socket }])).rejects.toMatchObject({ code: 'AUTH_FAILED', hint: expect.stringContaining('MaxAuthTries') as string, details: { attempts: [{ method: 'agent', outcome: 'refused' }] } });
    } finally {
      await stop();
    }
  });

  test('a host whose key has changed gets nothing, until it is replaced', async () => {
    const host = lab.host('changing');
    await login(lab.target('changing'));
    await host.changeHostKey();
    const error: unknown = await login(lab.target('changing')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'HOST_KEY_CHANGED', details: { known: [{ type: 'ssh-ed25519' }] } });
    const { address, port, shown, known } = (error as { details: { address: string; port: number; shown: { type: string; key: string; fingerprint: string }; known: { fingerprint: string }[] } }).details;
    expect(shown.fingerprint).not.toBe(known[0]?.fingerprint);
    expect(await host.run('ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub')).toContain(shown.fingerprint);
    await knownHosts.replace(address, port, shown);
    await login(lab.target('changing'));
  });

  test('through a jump host; each is verified under its own name', async () => {
    const session = await login(lab.target('odd', 'ops', [lab.target('plain')]));
    expect((await session.run({ argv: ['hostname'] })).stdout).toBe('odd\n');
    const stranger = new KnownHosts(join(folder.path, 'half_known'), []);
    const known = await openSession(lab.target('plain'), [key()], stranger).catch((reason: unknown) => reason) as { details: { address: string; port: number; shown: { type: string; key: string } } };
    await stranger.trust(known.details.address, known.details.port, known.details.shown);
    await expect(openSession(lab.target('odd', 'ops', [lab.target('plain')]), [key()], stranger)).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN', details: { port: 2222 } });
  });

  test('a jump host that lets nothing through is named as the cause', async () => {
    await expect(login(lab.target('plain', 'ops', [lab.target('odd')]))).rejects.toMatchObject({ code: 'FORWARDING_DENIED' });
  });
});

describe('becoming root', () => {
  test('without a password, with one, and not at all', async () => {
    const ops = await login(lab.target('plain'));
    expect(await ops.privilege()).toEqual({ kind: 'sudo' });
    expect((await ops.run({ argv: ['id', '-u'] }, { sudo: true })).stdout).toBe('0\n');
    const careful = await login(lab.target('plain', 'careful'), [key()], { sudoPassword: new Secret(users.careful.password) });
    expect(await careful.privilege()).toMatchObject({ kind: 'sudo-password', known: true });
    expect((await careful.run({ script: 'id -u; cat' }, { sudo: true, stdin: 'given' })).stdout).toBe('0\ngiven');
    const wrong = await login(lab.target('plain', 'careful'), [key()], { sudoPassword: new Secret('wrong') });
    await expect(wrong.run({ argv: ['true'] }, { sudo: true })).rejects.toMatchObject({ code: 'SUDO_PASSWORD_WRONG' });
    const plain = await login(lab.target('plain', 'plain'), [password(users.plain.password)]);
    await expect(plain.run({ argv: ['true'] }, { sudo: true })).rejects.toMatchObject({ code: 'NO_PRIVILEGE' });
    expect((await (await login(lab.target('plain', 'root'))).privilege()).kind).toBe('root');
  });

  test('where sudo asks in other words, and where it wants a terminal', async () => {
    const host = lab.host('changing');
    // as a PAM module of a directory service does, which sudo does not give its prompt to
    await host.write('usr/local/bin/sudo', '#!/bin/sh\n[ "$1" = -S ] || exec /usr/bin/sudo "$@"\nwhile [ "$1" != -- ]; do shift; done\nexec /usr/bin/sudo -S -k -p "LDAP Password for $(id -un): " "$@"\n', 0o755);
    const careful = await login(lab.target('changing', 'careful'), [key()], { sudoPassword: new Secret(users.careful.password) });
    expect(await careful.privilege()).toMatchObject({ kind: 'sudo-password', known: true, prompt: 'LDAP Password for careful:' });
    expect((await careful.run({ script: 'id -u; cat' }, { sudo: true, stdin: 'given' })).stdout).toBe('0\ngiven');
    const wrong = await login(lab.target('changing', 'careful'), [key()], { sudoPassword: new Secret('wrong') });
    await expect(wrong.run({ argv: ['true'] }, { sudo: true })).rejects.toMatchObject({ code: 'SUDO_PASSWORD_WRONG' });
    await host.run('rm', '/usr/local/bin/sudo');
    await host.write('etc/sudoers.d/terminal', 'Defaults requiretty\n', 0o440);
    for (const user of ['ops', 'careful'] as const) {
      const session = await login(lab.target('changing', user), [key()], { sudoPassword: new Secret(users[user].password) });
      await expect(session.run({ argv: ['true'] }, { sudo: true })).rejects.toMatchObject({ code: 'NO_PRIVILEGE', message: expect.stringContaining('you must have a tty') as string });
    }
    await host.run('rm', '/etc/sudoers.d/terminal');
  });

  test('what takes too long is ended, as root too', async () => {
    const ops = await login(lab.target('plain'));
    await expect(ops.run({ argv: ['sleep', '4321'] }, { sudo: true, timeoutMs: 3000 })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
    const left = async (): Promise<string> => (await ops.run({ script: 'for each in /proc/[0-9]*/cmdline; do tr "\\0" " " < "$each"; echo; done | grep -c "^sleep 4321"' })).stdout.trim();
    await expect.poll(left).toBe('0');
  });
});

describe('uploads', () => {
  const content = randomBytes(24_000_000);
  const sha256 = createHash('sha256').update(content).digest('hex');

  test('go on after a cut where they were, and arrive whole', async () => {
    const host = lab.host('plain');
    const file = join(folder.path, 'big');
    await writeFile(file, content);
    // or all of it may have been sent before the wire is cut
    await host.slowDown(40);
    const first = await login(lab.target('plain'));
    let cutting: Promise<void> | undefined;
    const outcome = first.upload({ file }, '/home/ops/big', {
      onProgress: ({ sent }) => { if (sent > 2_000_000) cutting ??= host.cutOff(); },
    }).catch((reason: unknown) => reason);
    await waitFor('the wire to be cut', async () => { await cutting; return cutting !== undefined; });
    await host.run('sh', '-c', 'until [ "$(cat /home/ops/big.*.part | wc -c)" -gt 65536 ]; do sleep 0.01; done');
    await first.close();
    expect(await outcome).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    await host.slowDown(null);
    await host.reconnect();
    const second = await login(lab.target('plain'));
    const { resumedAt } = await second.upload({ file }, '/home/ops/big', { mode: 0o640 });
    expect(resumedAt).toBeGreaterThan(0);
    expect(await lab.host('plain').run('sha256sum', '/home/ops/big')).toContain(sha256);
    expect(await lab.host('plain').run('sh', '-c', 'ls /home/ops')).toBe('big\n');
    expect(await second.upload({ content }, '/home/ops/big')).toMatchObject({ unchanged: true });
  });

  test('need no SFTP, survive a noisy login shell, and run as root where asked', async () => {
    const session = await login(lab.target('odd'));
    expect(await session.run({ script: 'printf "%s" "$1"; echo warned >&2', args: ['é\n\'"$x`!\\'] })).toMatchObject({ stdout: 'é\n\'"$x`!\\', stderr: 'warned\n', exitCode: 0 });
    await session.upload({ content: 'hello' }, '/etc/greeting', { mode: 0o600, sudo: true });
    expect(await lab.host('odd').run('stat', '-c', '%a %U', '/etc/greeting')).toBe('600 root\n');
  });

  test('a full disk is said before anything is sent', async () => {
    const session = await login(lab.target('odd'));
    await expect(session.upload({ content }, '/opt/big', { sudo: true })).rejects.toMatchObject({ code: 'HOST_DISK_FULL' });
    expect(await lab.host('odd').run('sh', '-c', 'ls -A /opt')).toBe('');
  });
});

test('a host that loses its power is noticed, and comes back', async () => {
  expect(await lost).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  await expect(login(lab.target('doomed'), [key()], { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  await lab.host('doomed').boot();
  expect((await (await login(lab.target('doomed'))).run({ argv: ['hostname'] })).stdout).toBe('doomed\n');
});
