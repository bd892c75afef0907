import { execFileSync } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hasOpenSsh, makeKey } from '../../../../test/harness/key-files.ts';
import { hasSshd, startSshd } from '../../../../test/harness/ssh-daemon.ts';
import { temporaryFolder } from '../../../../test/harness/temporary-folder.ts';
import { patient } from '../../../../test/harness/wait-for.ts';
import { wireNumber, wireString } from '../wire.ts';
import { lookForCertificate, type CertificateLook } from './look-for-certificate.ts';
import { PlainTransport } from './plain-transport.ts';

let clean: AsyncDisposableStack;
beforeEach(() => { clean = new AsyncDisposableStack(); });
afterEach(async () => {
  vi.useRealTimers();
  await clean.disposeAsync();
});

const never = new AbortController().signal;
const look = (port: number, timeoutMs = 20_000, signal = never): Promise<CertificateLook> => lookForCertificate(async () => connect(port, '127.0.0.1'), timeoutMs, signal);

/** A host that is not what it should be. */
async function host(serve: (socket: Socket) => Promise<void>): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    void serve(socket).catch(() => undefined);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  clean.defer(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => { server.close(resolve); });
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

async function offers(socket: Socket, exchange: string, keys: string): Promise<void> {
  const transport = new PlainTransport(socket);
  await transport.greet();
  const lists = [exchange, keys, 'aes128-ctr', 'aes128-ctr', 'hmac-sha2-256', 'hmac-sha2-256', 'none', 'none', '', ''];
  transport.send(Buffer.concat([Buffer.from([20]), Buffer.alloc(16), ...lists.map(wireString), Buffer.from([0]), wireNumber(0)]));
  // until the other side has had enough
  for (;;) await transport.packet();
}

it.skipIf(!hasOpenSsh || !hasSshd).each([
  ['every way that it knows', []],
  ['MACs of the form "encrypt, then authenticate" only', ['Ciphers aes128-ctr', 'MACs hmac-sha2-512-etm@openssh.com,umac-128-etm@openssh.com']],
  ['keys of 256 bits only', ['Ciphers aes256-ctr,aes256-gcm@openssh.com', 'MACs hmac-sha2-512']],
  ['ChaCha only', ['Ciphers chacha20-poly1305@openssh.com']],
  ['old ciphers only', ['Ciphers aes256-cbc', 'MACs hmac-sha1']],
  ...['curve25519-sha256', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521', 'diffie-hellman-group14-sha256', 'diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512']
    .map((name) => [`${name} only`, [`KexAlgorithms ${name}`]] as const),
] as const)('finds the certificate of a host that speaks %s', async (_what, options) => {
  const { path } = clean.use(await temporaryFolder('look'));
  const [key, authority] = [makeKey(path, 'host'), makeKey(path, 'authority')];
  execFileSync('ssh-keygen', ['-q', '-s', authority.path, '-I', 'a host', '-h', '-n', 'web', `${key.path}.pub`]);
  const { port } = clean.use(await startSshd(path, [`HostKey ${key.path}`, `HostCertificate ${key.path}-cert.pub`, ...options]));
  expect(await look(port)).toMatchObject({ certificate: { key: { key: key.key }, authority: { key: authority.key }, names: ['web'] } });
});

it('does not say that there is no certificate where it could not ask for it', async () => {
  const certified = 'ssh-ed25519,ssh-ed25519-cert-v01@openssh.com';
  const { port } = await host((socket) => offers(socket, 'diffie-hellman-group-exchange-sha256', certified));
  expect(await look(port)).toEqual({ certificate: null, why: 'its certificate could not be asked for (it shares no key exchange with this app)' });
  const plain = await host((socket) => offers(socket, 'diffie-hellman-group-exchange-sha256', 'ssh-ed25519'));
  expect(await look(plain.port)).toEqual({ certificate: null, why: 'it shows no certificate' });
});

it('says that a host has not answered in time, and lets go of it', async () => {
  const { port, sockets } = await host(async () => { /* silent */ });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const looked = look(port, 5000);
  await vi.waitUntil(() => sockets.length === 1, patient);
  const closed = new Promise((resolve) => { sockets[0]?.once('close', resolve).resume(); });
  await vi.advanceTimersByTimeAsync(5000);
  expect(await looked).toEqual({ certificate: null, why: 'its certificate could not be asked for (it did not answer in time)' });
  await closed;
});

it('lets go of a host at once when nobody waits for it', async () => {
  const { port, sockets } = await host(async () => { /* silent */ });
  const gone = new AbortController();
  const looked = look(port, 20_000, gone.signal);
  await vi.waitUntil(() => sockets.length === 1, patient);
  const closed = new Promise((resolve) => { sockets[0]?.once('close', resolve).resume(); });
  gone.abort();
  await Promise.all([looked, closed]);
});
