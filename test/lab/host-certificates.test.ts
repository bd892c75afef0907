import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KnownHosts, openSession, type SshSession } from '../../electron/control/ssh/index.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import type { LabHost } from './host.ts';
import { startLab, type Lab } from './lab.ts';
import { run } from './system.ts';

/** Hosts whose keys an authority has signed, as in networks with a certificate authority of their own (sshd's HostCertificate). */
const clean = new AsyncDisposableStack();
let lab: Lab;
let folder: string;
let theirs: string;
let authority: string;

beforeAll(async () => {
  lab = clean.use(await startLab({ hosts: [{ name: 'gate' }, { name: 'inner', behind: 'gate' }, { name: 'signed' }] }));
  folder = clean.use(await temporaryFolder('host-certificates')).path;
  theirs = join(folder, 'theirs');
  authority = await newAuthority('authority');
  for (const host of lab.hosts) {
    await certify(host, authority, '-n', host.address, '-V', '+1d');
    await appendFile(join(host.root, 'etc/ssh/sshd_config'), 'HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub\n');
    await restart(host);
  }
  await writeFile(theirs, `@cert-authority * ${await readFile(`${authority}.pub`, 'utf8')}`);
});
afterAll(() => clean.disposeAsync());

/** However often: systemd gives up on a service that is started five times in ten seconds. */
async function restart(host: LabHost): Promise<void> {
  await host.run('systemctl', 'reset-failed', 'ssh');
  await host.run('systemctl', 'restart', 'ssh');
}

async function newAuthority(name: string): Promise<string> {
  const path = join(folder, name);
  await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path);
  return path;
}

async function certify(host: LabHost, by: string, ...options: readonly string[]): Promise<void> {
  await run('ssh-keygen', '-q', '-s', by, '-I', host.name, '-h', ...options, join(host.root, 'etc/ssh/ssh_host_ed25519_key.pub'));
}

const signIn = (name: string, ours = 'ours'): Promise<SshSession> => openSession(lab.target(name), [{ kind: 'key-file', path: lab.keyFile }], new KnownHosts(join(folder, ours), [theirs]));
async function hostName(name: string, ours?: string): Promise<string> {
  const session = await signIn(name, ours);
  try {
    return (await session.run({ argv: ['hostname'] })).stdout.trim();
  } finally {
    await session.close();
  }
}

it('are trusted by the line of the authority alone, also behind another host, and nothing is written down', async () => {
  expect([await hostName('signed'), await hostName('inner')]).toEqual(['signed', 'inner']);
  await expect(readFile(join(folder, 'ours'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('are trusted with a new key, once that is signed too', async () => {
  await lab.host('signed').run('systemctl', 'reset-failed', 'ssh');
  await lab.host('signed').changeHostKey();
  await expect(signIn('signed')).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN' });
  await certify(lab.host('signed'), authority, '-n', lab.host('signed').address);
  await restart(lab.host('signed'));
  expect(await hostName('signed')).toBe('signed');
});

it.each([
  ['has expired', ['-V', '20200101:20200201'], /has expired at 2020-02-01/],
  ['is for another host', ['-n', '192.0.2.1'], /is for 192\.0\.2\.1, and not for/],
  ['is of a stranger', [], /another one has signed its certificate/],
] as const)('are unknown where the certificate %s, with the reason, until the key itself is trusted', async (what, options, why) => {
  const host = lab.host('signed');
  await certify(host, what === 'is of a stranger' ? await newAuthority('stranger') : authority, ...(options.includes('-n' as never) ? [] : ['-n', host.address]), ...options);
  await restart(host);
  const error = await signIn('signed').catch((reason: unknown) => reason) as { code: string; message: string; details: { authority: string; address: string; port: number; shown: { fingerprint: string; type: string; key: string } } };
  expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', message: expect.stringMatching(why) as string, hint: expect.stringContaining('ssh-keygen -Lf /etc/ssh/ssh_host_ed25519_key-cert.pub') as string, details: { authority: `${theirs}:1` } });
  await new KnownHosts(join(folder, what), [theirs]).trust(error.details.address, error.details.port, error.details.shown);
  expect(await hostName('signed', what)).toBe('signed');
});

it('that offer a certificate and nothing else cannot be talked to, and the message says what to change', async () => {
  const host = lab.host('signed');
  await appendFile(join(host.root, 'etc/ssh/sshd_config'), 'HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com\n');
  await restart(host);
  await expect(signIn('signed')).rejects.toMatchObject({ hint: expect.stringContaining('HostKeyAlgorithms') as string });
});
