import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, onTestFinished, vi } from 'vitest';
import { KnownHosts, openSession, Secret, type AuthenticationPrompt, type Credential, type Credentials, type HopTrace, type HostTarget, type OpenOptions, type SshSession } from './index.ts';
import { hasOpenSsh, makeKey, startAgent } from '../../../test/harness/key-files.ts';
import { newHostKey, TestServer, type TestServerOptions } from '../../../test/harness/ssh-server.ts';
import { patient } from '../../../test/harness/wait-for.ts';

let folder: string;
let knownHosts: KnownHosts;
let ownFile: string;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-sign-in-'));
  ownFile = join(folder, 'known_hosts');
  knownHosts = new KnownHosts(ownFile, []);
});
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

async function serverWith(options: TestServerOptions, isTrusted = true): Promise<{ server: TestServer; target: HostTarget }> {
  const server = await TestServer.start(options);
  ends.push(() => server.stop());
  if (isTrusted) await knownHosts.trust('127.0.0.1', server.port, server.hostKey);
  return { server, target: { address: '127.0.0.1', port: server.port, user: 'ops', jump: [] } };
}

async function login(target: HostTarget, credentials: Credentials, options: OpenOptions = {}): Promise<SshSession> {
  const session = await openSession(target, credentials, knownHosts, options);
  ends.push(() => session.close());
  return session;
}

async function refusal(target: HostTarget, credentials: Credentials, options: OpenOptions = {}): Promise<{ code: string; details: Record<string, unknown> }> {
  return await login(target, credentials, options).then(() => { throw new Error('was let in'); }, (error: unknown) => error as { code: string; details: Record<string, unknown> });
}

const password = (text: string): Credential => ({ kind: 'password', password: new Secret(text) });

describe('nothing that proves who we are is sent before the key of the host is verified', () => {
  const credentials = [password('canary'), { kind: 'keyboard-interactive', password: new Secret('canary') }] as const;

  test('an unknown key', async () => {
    const { server, target } = await serverWith({ rules: { password: 'canary' } }, false);
    expect(await refusal(target, credentials)).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      details: { address: '127.0.0.1', port: server.port, shown: { type: 'ecdsa-sha2-nistp256', fingerprint: server.hostKey.fingerprint }, showCommand: 'ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub', authority: null },
    });
    expect(server.requests).toEqual([]);
  });

  test('a changed key: both fingerprints are told, and only replacing it helps', async () => {
    const { server, target } = await serverWith({ rules: { password: 'canary' } }, false);
    const before = (await serverWith({ rules: {} }, false)).server.hostKey;
    await knownHosts.trust('127.0.0.1', server.port, before);
    expect(await refusal(target, credentials)).toMatchObject({ code: 'HOST_KEY_CHANGED', details: { shown: { fingerprint: server.hostKey.fingerprint }, known: [{ fingerprint: before.fingerprint }] } });
    await expect(knownHosts.trust('127.0.0.1', server.port, server.hostKey)).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' });
    expect(server.requests).toEqual([]);
    await knownHosts.replace('127.0.0.1', server.port, server.hostKey);
    await login(target, credentials);
    expect(server.requests).toEqual(['none', 'password canary']);
  });

  test('a revoked key, also when it is listed as trusted', async () => {
    const { server, target } = await serverWith({ rules: { password: 'canary' } });
    writeFileSync(ownFile, `@revoked * ${server.hostKey.type} ${server.hostKey.key}\n`, { flag: 'a' });
    expect(await refusal(target, credentials)).toMatchObject({ code: 'HOST_KEY_REVOKED', details: { by: `${ownFile}:2` } });
    await expect(knownHosts.replace('127.0.0.1', server.port, server.hostKey)).rejects.toMatchObject({ code: 'HOST_KEY_REVOKED' });
    expect(server.requests).toEqual([]);
  });

  test('under an alias the key is known by that name alone, without the port', async () => {
    const { server, target } = await serverWith({ rules: { password: 'canary' } });
    const aliased = { ...target, hostKeyAlias: 'pool' };
    expect(await refusal(aliased, credentials)).toMatchObject({ code: 'HOST_KEY_UNKNOWN', details: { address: 'pool', port: 22 } });
    expect(server.requests).toEqual([]);
    await knownHosts.trust('pool', 22, server.hostKey);
    expect(readFileSync(ownFile, 'utf8')).toContain('\npool ');
    await login(aliased, credentials);
  });

  test('a key that only a certificate authority could vouch for is unknown, and the line is named', async () => {
    const { server, target } = await serverWith({ rules: { password: 'canary' } }, false);
    writeFileSync(ownFile, `@cert-authority * ${server.hostKey.type} ${server.hostKey.key}\n`);
    expect(await refusal(target, credentials)).toMatchObject({
      code: 'HOST_KEY_UNKNOWN', details: { authority: `${ownFile}:1` }, message: expect.stringContaining('names a certificate authority for it, but it shows no certificate') as string,
      hint: expect.stringContaining('ssh-keygen -Lf /etc/ssh/ssh_host_') as string,
    });
    expect(server.requests).toEqual([]);
  });
});

describe('ways to sign in', () => {
  test('what was tried, in its order, and why each failed; never with what', async () => {
    const { server, target } = await serverWith({ rules: { password: 'right', keys: () => [] } });
    const error = await refusal(target, [{ kind: 'key-file', path: join(folder, 'nowhere') }, { kind: 'agent', socket: join(folder, 'no.sock') }, password('canary-wrong'), { kind: 'password' }, { kind: 'keyboard-interactive' }]);
    expect(error.code).toBe('AUTH_FAILED');
    expect(error.details['attempts']).toMatchObject([
      { method: 'key-file', outcome: 'could not be used', reason: expect.stringContaining('ENOENT') as string },
      { method: 'agent', with: join(folder, 'no.sock'), outcome: 'could not be used' },
      { method: 'password', with: 'the password', outcome: 'refused' },
      { method: 'password', outcome: 'could not be used', reason: 'the password is not kept here' },
      { method: 'keyboard-interactive', outcome: 'not offered by the host' },
    ]);
    expect(error.details['key']).toEqual({ type: server.hostKey.type, fingerprint: server.hostKey.fingerprint });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  test('the first that is let in ends it, and the rest was not needed', async () => {
    const { target } = await serverWith({ rules: { password: 'right' } });
    const traces: HopTrace[] = [];
    await login(target, [password('wrong'), password('right'), password('another')], { onHop: (trace) => traces.push(trace) });
    expect(traces).toMatchObject([{ failure: null, attempts: [{ outcome: 'refused' }, { outcome: 'accepted' }, { outcome: 'not needed' }] }]);
  });

  test('a password goes through keyboard-interactive where that is the only way', async () => {
    const { server, target } = await serverWith({ rules: { questions: [{ text: 'Password: ', echo: false, answer: 'right' }] } });
    await login(target, [password('right')]);
    expect(server.requests).toEqual(['none', 'keyboard-interactive', 'answers right']);
  });

  test('several questions are asked of a person, with what may be shown while it is typed', async () => {
    const { server, target } = await serverWith({ rules: { questions: [{ text: 'Name: ', echo: true, answer: 'ada' }, { text: 'Code: ', echo: false, answer: '123456' }] } });
    const asked: AuthenticationPrompt[] = [];
    await login(target, [{ kind: 'keyboard-interactive', password: new Secret('unused') }], {
      onPrompt: async (prompt) => {
        asked.push(prompt);
        return [new Secret('ada'), new Secret('123456')];
      },
    });
    expect(asked).toMatchObject([{ name: 'Second factor', instructions: 'Answer all', questions: [{ text: 'Name: ', hidden: false }, { text: 'Code: ', hidden: true }] }]);
    expect(server.requests).toEqual(['none', 'keyboard-interactive', 'answers ada,123456']);
  });

  test('without a person the questions are given up, and that is said', async () => {
    const { target } = await serverWith({ rules: { questions: [{ text: 'Name: ', echo: true, answer: 'ada' }, { text: 'Code: ', echo: false, answer: '1' }] } });
    expect((await refusal(target, [{ kind: 'keyboard-interactive' }])).details['attempts']).toMatchObject([{ outcome: 'could not be used', reason: 'nobody has answered the questions of the host' }]);
  });
});

describe.skipIf(!hasOpenSsh)('keys', () => {
  test('with a passphrase; with a wrong one, or none, it says so and goes on', async () => {
    const key = makeKey(folder, 'locked', 'open sesame');
    const { server, target } = await serverWith({ rules: { keys: () => [key.key] } });
    const fileWith = (passphrase?: string): Credential => ({ kind: 'key-file', path: key.path, ...(passphrase === undefined ? {} : { passphrase: new Secret(passphrase) }) });
    const traces: HopTrace[] = [];
    await login(target, [fileWith(), fileWith('wrong'), fileWith('open sesame')], { onHop: (trace) => traces.push(trace) });
    expect(traces[0]?.attempts).toEqual([
      { method: 'key-file', with: key.path, outcome: 'could not be used', reason: 'the key is encrypted and no passphrase was given' },
      { method: 'key-file', with: key.path, outcome: 'could not be used', reason: 'the passphrase is wrong' },
      { method: 'key-file', with: `${key.path} (${key.fingerprint})`, outcome: 'accepted' },
    ]);
    expect(server.requests).toEqual(['none', 'publickey', 'publickey']);
  });

  test.each(['rsa', 'ecdsa', 'ed25519'])('of type %s, locked', async (type) => {
    const key = makeKey(folder, type, 'open sesame', type);
    const { target } = await serverWith({ rules: { keys: () => [key.key] } });
    const wrong = await refusal(target, [{ kind: 'key-file', path: key.path, passphrase: new Secret('wrong') }]);
    expect(wrong.details['attempts']).toMatchObject([{ reason: 'the passphrase is wrong' }]);
    await login(target, [{ kind: 'key-file', path: key.path, passphrase: new Secret('open sesame') }]);
  });

  test('of an agent, where a file names one of its keys and cannot be used by itself: that one is shown, and no other', async () => {
    const keys = ['a', 'b', 'c'].map((name) => makeKey(folder, name));
    const agent = await startAgent(folder, keys);
    ends.push(agent.stop);
    const [, named] = keys;
    // encrypted, gone but for its public half, and the public half itself
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'a secret phrase', '-f', named?.path ?? '']);
    rmSync(keys[2]?.path ?? '');
    for (const [path, right] of [[named?.path, named], [keys[2]?.path, keys[2]], [`${named?.path ?? ''}.pub`, named]] as const) {
      const { server, target } = await serverWith({ rules: { keys: () => [right?.key ?? ''] } });
      const traces: HopTrace[] = [];
      await login(target, [{ kind: 'key-file', path: path ?? '', agent: agent.socket }], { onHop: (trace) => traces.push(trace) });
      expect(traces[0]?.attempts).toEqual([{ method: 'key-file', with: `${path ?? ''} (${right?.fingerprint ?? ''}), which the agent holds`, outcome: 'accepted' }]);
      // asked whether it would do, and used
      expect(server.requests.filter((request) => request === 'publickey').length).toBeLessThanOrEqual(2);
    }
    const { target } = await serverWith({ rules: { keys: () => [named?.key ?? ''] } });
    for (const socket of ['none', join(folder, 'no.sock')]) {
      expect((await refusal(target, [{ kind: 'key-file', path: named?.path ?? '', agent: socket }])).details['attempts']).toMatchObject([{ method: 'key-file', outcome: 'could not be used', reason: 'the key is encrypted and no passphrase was given' }]);
    }
  });

  test('of an agent, when one of several is right', async () => {
    const keys = [makeKey(folder, 'one'), makeKey(folder, 'two'), makeKey(folder, 'three')];
    const agent = await startAgent(folder, keys);
    ends.push(agent.stop);
    const { target } = await serverWith({ rules: { keys: () => [keys[2]?.key ?? ''] } });
    const traces: HopTrace[] = [];
    await login(target, [{ kind: 'agent', socket: agent.socket }], { onHop: (trace) => traces.push(trace) });
    expect(traces[0]?.attempts).toEqual([{ method: 'agent', with: agent.socket, outcome: 'accepted' }]);
  });

  test('a key that is not enough: the questions come after it', async () => {
    const key = makeKey(folder, 'half');
    const { target } = await serverWith({ rules: { keys: () => [key.key], questions: [{ text: 'Code: ', echo: false, answer: '42' }], both: true } });
    const traces: HopTrace[] = [];
    await login(target, [{ kind: 'key-file', path: key.path }, { kind: 'keyboard-interactive' }], { onPrompt: async () => [new Secret('42')], onHop: (trace) => traces.push(trace) });
    expect(traces[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['accepted, more is asked', 'accepted']);
  });
});

describe('over other hosts', () => {
  test('each is verified under its own name and gets its own credentials, and those only', async () => {
    const end = await serverWith({ rules: { password: 'of the end' } });
    const second = await serverWith({ rules: { password: 'of the second' } });
    const first = await serverWith({ rules: { password: 'of the first' } });
    const secrets = new Map([[end.target.port, 'of the end'], [second.target.port, 'of the second'], [first.target.port, 'of the first']]);
    const session = await login({ ...end.target, jump: [first.target, second.target] }, ({ port }) => [password(secrets.get(port) ?? '')]);
    expect((await session.run({ argv: ['echo', 'there'] })).stdout).toBe('there\n');
    expect([first, second, end].map(({ server }) => server.requests)).toEqual([['none', 'password of the first'], ['none', 'password of the second'], ['none', 'password of the end']]);
  });

  test('an unknown key at the end is told of the end, and nothing was sent there', async () => {
    const end = await serverWith({ rules: { password: 'x' } }, false);
    const first = await serverWith({ rules: { password: 'x' } });
    expect(await refusal({ ...end.target, jump: [first.target] }, [password('x')])).toMatchObject({ code: 'HOST_KEY_UNKNOWN', details: { port: end.target.port } });
    expect(end.server.requests).toEqual([]);
  });

  test('a refusal on the way names the host on the way; those behind it hear nothing', async () => {
    const end = await serverWith({ rules: { password: 'x' } });
    const first = await serverWith({ rules: { password: 'y' } });
    const traces: HopTrace[] = [];
    expect(await refusal({ ...end.target, jump: [first.target] }, [password('x')], { onHop: (trace) => traces.push(trace) })).toMatchObject({ code: 'AUTH_FAILED', details: { hop: `ops@127.0.0.1:${first.target.port}` } });
    expect(end.server.requests).toEqual([]);
    expect(traces).toHaveLength(1);
  });
});

describe('the connection', () => {
  test('two sides that share no algorithm: the reason is told', async () => {
    const { server, target } = await serverWith({ rules: { password: 'x' }, algorithms: { cipher: ['aes256-cbc'] } });
    expect(await refusal(target, [password('x')])).toMatchObject({ code: 'SSH_PROTOCOL_FAILED', details: { reason: expect.stringContaining('cipher') as string }, hint: expect.stringContaining('HostKeyAlgorithms') as string });
    expect(server.requests).toEqual([]);
  });

  test('a host whose key is of another type than the known one is asked for the known one', async () => {
    const { server, target } = await serverWith({ rules: { password: 'x' }, hostKey: newHostKey() });
    expect((await login(target, [password('x')])).hostKeyFingerprint).toBe(server.hostKey.fingerprint);
  });

  test('a silent connection is noticed by keepalives', async () => {
    const { server, target } = await serverWith({ rules: { password: 'x' } });
    const wire = await freezable(server.port);
    await knownHosts.trust('127.0.0.1', wire.port, server.hostKey);
    onTestFinished(() => { vi.useRealTimers(); });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    const session = await login({ ...target, port: wire.port }, [password('x')]);
    wire.freeze();
    await vi.advanceTimersByTimeAsync(4000);
    expect(session.closed.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(20_000);
    vi.useRealTimers();
    await vi.waitFor(() => { expect(session.closed.aborted).toBe(true); }, patient);
    expect(session.closed.reason).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  });
});

/** A wire in front of a port that can be made to swallow everything. */
async function freezable(port: number): Promise<{ port: number; freeze: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => { server.close(resolve); });
  });
  const freeze = (): void => {
    for (const socket of sockets) {
      socket.unpipe();
      socket.pause();
    }
  };
  return { port: (server.address() as AddressInfo).port, freeze };
}
