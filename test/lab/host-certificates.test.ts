import { spawnSync } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KnownHosts, openSession, type SshSession } from '../../electron/control/ssh/index.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { startLab, type Lab } from './lab.ts';
import { run } from './system.ts';

/** A host whose key an authority has signed, as in networks with a certificate authority of their own (sshd's HostCertificate). */
const clean = new AsyncDisposableStack();
let lab: Lab;
let folder: string;
let theirs: string;

beforeAll(async () => {
  lab = clean.use(await startLab({ hosts: [{ name: 'signed' }] }));
  folder = clean.use(await temporaryFolder('host-certificates')).path;
  theirs = join(folder, 'theirs');
  const host = lab.host('signed');
  const authority = join(folder, 'authority');
  await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', authority);
  await run('ssh-keygen', '-q', '-s', authority, '-I', 'signed', '-h', '-n', host.address, '-V', '+1d', join(host.root, 'etc/ssh/ssh_host_ed25519_key.pub'));
  await appendFile(join(host.root, 'etc/ssh/sshd_config'), 'HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub\n');
  await host.run('systemctl', 'restart', 'ssh');
  await writeFile(theirs, `@cert-authority ${host.address} ${await readFile(`${authority}.pub`, 'utf8')}`);
}, 120_000);

afterAll(() => clean.disposeAsync());

const signIn = (ours: string): Promise<SshSession> => openSession(lab.target('signed'), [{ kind: 'key-file', path: lab.keyFile }], new KnownHosts(join(folder, ours), [theirs]));

it('counts as unknown, with the authority named, and ssh, which checks the certificate, shows the fingerprint to compare', async () => {
  const error = await signIn('ours').catch((reason: unknown) => reason) as { code: string; hint: string; details: { authority: string; address: string; port: number; shown: { fingerprint: string; type: string; key: string } } };
  expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', details: { authority: `${theirs}:1` } });
  const [, command = ''] = /: {2}(ssh .*)$/.exec(error.hint) ?? [];
  const [program = '', ...args] = command.split(' ');
  const { stdout, stderr } = spawnSync(program, ['-i', lab.keyFile, '-o', `UserKnownHostsFile=${theirs}`, '-o', 'GlobalKnownHostsFile=/dev/null', '-o', 'BatchMode=yes', '-F', 'none', ...args], { encoding: 'utf8' });
  expect(stderr).not.toMatch(/authenticity|Warning/);
  expect(stdout).toContain(error.details.shown.fingerprint);
  await new KnownHosts(join(folder, 'ours'), [theirs]).trust(error.details.address, error.details.port, error.details.shown);
  const session = await signIn('ours');
  expect((await session.run({ argv: ['hostname'] })).stdout).toBe('signed\n');
  await session.close();
});

it('that offers its certificate only cannot be talked to, and the message says what to change on it', async () => {
  const host = lab.host('signed');
  await appendFile(join(host.root, 'etc/ssh/sshd_config'), 'HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com\n');
  await host.run('systemctl', 'restart', 'ssh');
  await expect(signIn('ours')).rejects.toMatchObject({ hint: expect.stringContaining('HostKeyAlgorithms') as string });
});
