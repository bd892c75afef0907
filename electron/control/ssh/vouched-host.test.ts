import { execFileSync } from 'node:child_process';
import dns from 'node:dns';
import { getEventListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hasOpenSsh, makeKey } from '../../../test/harness/key-files.ts';
import { hasSshd, startSshd } from '../../../test/harness/ssh-daemon.ts';
import { newHostKey, TestServer } from '../../../test/harness/ssh-server.ts';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';
import { patient } from '../../../test/harness/wait-for.ts';
import { KnownHosts, openSession, type HostTarget, type OpenOptions } from './index.ts';

/** Hosts of which known_hosts names an authority and no key: their certificate is asked for through a second connection. */
let clean: AsyncDisposableStack;
let folder: string;
let knownHosts: KnownHosts;
beforeEach(async () => {
  clean = new AsyncDisposableStack();
  folder = clean.use(await temporaryFolder('vouched')).path;
  knownHosts = new KnownHosts(join(folder, 'known_hosts'), []);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await clean.disposeAsync();
});

interface Wire {
  readonly target: HostTarget;
  readonly sockets: Socket[];
}

/** A host that is silent in all connections but the first, in which it passes everything on to a port, when there is one. */
async function silentHost(port?: number): Promise<Wire> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const isFirst = sockets.push(near.on('error', () => undefined)) === 1;
    if (port === undefined || !isFirst) {
      near.resume();
      return;
    }
    const far = connect(port, '127.0.0.1').on('error', () => undefined);
    near.once('close', () => far.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  clean.defer(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => { server.close(resolve); });
  });
  return { target: { address: '127.0.0.1', port: (server.address() as AddressInfo).port, user: 'ops', jump: [] }, sockets };
}

async function nameAuthority(): Promise<void> {
  const server = await TestServer.start({ rules: {}, hostKey: newHostKey() });
  await server.stop();
  writeFileSync(join(folder, 'known_hosts'), `@cert-authority * ${server.hostKey.type} ${server.hostKey.key}\n`);
}

const failure = (target: HostTarget, options: OpenOptions = {}, known = knownHosts): Promise<unknown> => openSession(target, [], known, options).then(() => { throw new Error('was let in'); }, (error: unknown) => error);
const allClosed = (sockets: readonly Socket[]): Promise<void> => vi.waitUntil(() => sockets.every(({ closed }) => closed), patient).then(() => undefined);
const freezeTimers = (): unknown => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

test('a host that answers to one connection only is told by its key, within the time of the hop', async () => {
  const server = await TestServer.start({ rules: {} });
  clean.defer(() => server.stop());
  const { target, sockets } = await silentHost(server.port);
  await nameAuthority();
  freezeTimers();
  const failed = failure(target, { timeoutMs: 10_000 });
  await vi.waitUntil(() => sockets.length === 2, patient);
  await vi.advanceTimersByTimeAsync(5000);
  expect(await failed).toMatchObject({ code: 'HOST_KEY_UNKNOWN', details: { why: 'its certificate could not be asked for (it did not answer in time)' } });
  await allClosed(sockets);
});

test('who gives up while the certificate is asked for need not wait, and both connections are closed', async () => {
  const { target, sockets } = await silentHost();
  await nameAuthority();
  freezeTimers();
  const gone = new AbortController();
  const failed = failure(target, { signal: gone.signal });
  await vi.waitUntil(() => sockets.length === 2, patient);
  gone.abort();
  expect(await failed).toMatchObject({ code: 'CANCELLED' });
  await allClosed(sockets);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([['closes', (socket: Socket) => socket.end()], ['resets', (socket: Socket) => socket.resetAndDestroy()]])('a host that %s its first connection while its certificate is asked for is told of at once', async (_how, drop) => {
  const { target, sockets } = await silentHost();
  await nameAuthority();
  freezeTimers();
  const failed = failure(target, { timeoutMs: 60_000 });
  await vi.waitUntil(() => sockets.length === 2);
  const [first] = sockets;
  if (first !== undefined) drop(first);
  expect(await failed).toMatchObject({ code: 'SSH_PROTOCOL_FAILED', details: { reason: 'the host closed the connection' } });
  await allClosed(sockets);
  expect(vi.getTimerCount()).toBe(0);
});

test('where known_hosts cannot be read, nothing is left behind', async () => {
  const { target, sockets } = await silentHost();
  freezeTimers();
  const { signal } = new AbortController();
  expect(await failure(target, { signal }, new KnownHosts(folder, []))).toMatchObject({ code: 'INTERNAL', details: { file: folder } });
  await vi.waitUntil(() => sockets.length === 1, patient);
  await allClosed(sockets);
  expect([vi.getTimerCount(), getEventListeners(signal, 'abort')]).toEqual([0, []]);
});

test('the certificate is asked of the machine that the connection is made to, where a name stands for several', async () => {
  const { target, sockets } = await silentHost();
  await nameAuthority();
  freezeTimers();
  let asked = 0;
  const answer = (_name: string, options: dns.LookupOptions, done: (error: null, found: dns.LookupAddress[] | string, family?: number) => void): void => {
    asked += 1;
    // nobody listens at the other one
    const address = asked === 1 ? '127.0.0.1' : '127.0.0.2';
    if (options.all === true) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  };
  vi.spyOn(dns, 'lookup').mockImplementation(answer as typeof dns.lookup);
  const gone = new AbortController();
  const failed = failure({ ...target, address: 'pool.example' }, { signal: gone.signal });
  await vi.waitUntil(() => sockets.length === 2, patient);
  gone.abort();
  await failed;
  expect(asked).toBe(1);
});

test.skipIf(!hasOpenSsh || !hasSshd)('a revoked authority is told of, and not the key that it has certified', async () => {
  const [key, authority] = [makeKey(folder, 'host'), makeKey(folder, 'authority')];
  execFileSync('ssh-keygen', ['-q', '-s', authority.path, '-I', 'a host', '-h', '-n', '127.0.0.1', `${key.path}.pub`]);
  const { port } = clean.use(await startSshd(folder, [`HostKey ${key.path}`, `HostCertificate ${key.path}-cert.pub`, 'MACs hmac-sha2-512-etm@openssh.com', 'Ciphers aes256-ctr']));
  const target = { address: '127.0.0.1', port, user: 'ops', jump: [] };
  const line = `* ssh-ed25519 ${authority.key}\n`;
  writeFileSync(join(folder, 'known_hosts'), `@cert-authority ${line}`);
  // its key is believed: what is refused is the login
  expect(await failure(target)).toMatchObject({ code: 'AUTH_FAILED', details: { key: { fingerprint: key.fingerprint } } });
  writeFileSync(join(folder, 'known_hosts'), `@revoked ${line}`, { flag: 'a' });
  expect(await failure(target)).toMatchObject({
    code: 'HOST_KEY_REVOKED', message: `The key of ops@127.0.0.1:${String(port)} is certified by an authority that has been revoked: ${authority.fingerprint}`,
    hint: expect.stringContaining('another authority') as string, details: { by: `${join(folder, 'known_hosts')}:2`, shown: { fingerprint: key.fingerprint }, authority: { fingerprint: authority.fingerprint } },
  });
});
