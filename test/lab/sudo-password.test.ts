import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KnownHosts, openSession, Secret, type SshSession } from '../../electron/control/ssh/index.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { users } from './constants.ts';
import { startLab, type Lab } from './lab.ts';

/** The password for sudo goes to sudo, whatever a login shell prints and whatever sudo remembers: never to the command, whose input may become a file. */
const clean = new AsyncDisposableStack();
const { name: user, password } = users.careful;
let lab: Lab;
let knownHosts: KnownHosts;

beforeAll(async () => {
  lab = clean.use(await startLab({ hosts: [{ name: 'slow' }] }));
  knownHosts = new KnownHosts(join(clean.use(await temporaryFolder('sudo-password')).path, 'known_hosts'), []);
  const refused: unknown = await openSession(lab.target('slow', user), [{ kind: 'key-file', path: lab.keyFile }], knownHosts).catch((reason: unknown) => reason);
  const { address, port, shown } = (refused as { details: { address: string; port: number; shown: { type: string; key: string } } }).details;
  await knownHosts.trust(address, port, shown);
  // a line that is begun and goes no farther for a while looks like a question
  await lab.host('slow').write(`home/${user}/.bashrc`, 'printf "Loading profile… " >&2\nsleep 1.3\necho done >&2\n');
});

afterAll(() => clean.disposeAsync());

async function login(given: string): Promise<SshSession> {
  const session = await openSession(lab.target('slow', user), [{ kind: 'key-file', path: lab.keyFile }], knownHosts, { sudoPassword: new Secret(given) });
  clean.defer(() => session.close());
  return session;
}

/** as a directory's PAM module does, which is not given sudo's prompt; it may remember, as sudo does */
const ownWords = `#!/bin/sh
[ "$1" = -S ] || exec /usr/bin/sudo "$@"
shift; fresh=; [ "$1" != -k ] || fresh=-k
while [ "$1" != -- ]; do shift; done
exec /usr/bin/sudo -S $fresh -p "LDAP Password for $(id -un): " "$@"
`;

test.each([
  ['sudo remembers', 'timestamp_type=global', undefined, undefined],
  ['sudo remembers nothing', 'timestamp_timeout=0', undefined, undefined],
  ['sudo asks in other words, and remembers', 'timestamp_type=global', ownWords, 'LDAP Password for careful:'],
])('behind a login shell that prints half a line and is quiet then: %s', async (_, setting, sudo, prompt) => {
  const host = lab.host('slow');
  await host.write('etc/sudoers.d/remember', `Defaults ${setting}\n`, 0o440);
  if (sudo !== undefined) await host.write('usr/local/bin/sudo', sudo, 0o755);
  try {
    const session = await login(password);
    expect(await session.privilege()).toMatchObject({ kind: 'sudo-password', known: true });
    for (const round of ['1', '2']) {
      const { stdout, stderr, exitCode } = await session.run({ script: 'umask 077; cat > "/etc/taken-$1"; echo said >&2', args: [round] }, { sudo: true, stdin: `file ${round}\nof a host` });
      expect({ stdout, stderr, exitCode }).toEqual({ stdout: '', stderr: 'said\n', exitCode: 0 });
      expect(await host.run('cat', `/etc/taken-${round}`)).toBe(`file ${round}\nof a host`);
    }
    expect((await session.run({ script: 'cat; id -u' }, { sudo: true })).stdout).toBe('0\n');
    await session.upload({ content: 'key of a cluster' }, '/etc/taken-key', { mode: 0o600, sudo: true });
    expect(await host.run('cat', '/etc/taken-key')).toBe('key of a cluster');
    expect(await host.run('sh', '-c', 'grep -rlF -e "$1" /etc /tmp /home /run /var/log || true', '-', password)).toBe('');
    expect((await session.privilege() as { prompt?: string }).prompt).toBe(prompt);
    const wrong = await login('wrong');
    await expect(wrong.run({ argv: ['true'] }, { sudo: true })).rejects.toMatchObject({ code: 'SUDO_PASSWORD_WRONG' });
  } finally {
    await host.run('sh', '-c', 'rm -f /usr/local/bin/sudo /etc/sudoers.d/remember /etc/taken-*; rm -rf /run/sudo/ts');
  }
});

test('a login shell that traces what it runs is not taken for the one that asks', async () => {
  const host = lab.host('slow');
  await host.write(`home/${user}/.bashrc`, 'set -x\n');
  const session = await login(password);
  const { stdout, stderr } = await session.run({ script: 'id -u; cat; echo said >&2' }, { sudo: true, stdin: 'given' });
  expect({ stdout, stderr }).toEqual({ stdout: '0\ngiven', stderr: 'said\n' });
});
