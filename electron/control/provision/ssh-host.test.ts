import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestServer } from '../../../test/harness/ssh-server.ts';
import { waitFor } from '../../../test/harness/wait-for.ts';
import { KnownHosts, openSession, Secret, type SshSession } from '../ssh/index.ts';
import { SshHost } from './ssh-host.ts';

let clean: AsyncDisposableStack;
let folder: string;
let opened: SshSession[];
let host: SshHost;
/** what the next connections wait for */
let gate: PromiseWithResolvers<void>;

beforeEach(async () => {
  clean = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-host-'));
  clean.defer(() => rm(folder, { recursive: true, force: true }));
  const server = await TestServer.start({ rules: { password: 'right' } });
  clean.defer(() => server.stop());
  const knownHosts = new KnownHosts(join(folder, 'known_hosts'), []);
  await knownHosts.trust('127.0.0.1', server.port, server.hostKey);
  opened = [];
  gate = Promise.withResolvers();
  gate.resolve();
  host = new SshHost(async (signal) => {
    await gate.promise;
    const session = await openSession({ address: '127.0.0.1', port: server.port, user: 'ops', jump: [] }, [{ kind: 'password', password: new Secret('right') }], knownHosts, { signal });
    opened.push(session);
    return session;
  });
  clean.defer(() => host.close());
});
afterEach(() => clean.disposeAsync());

const never = new AbortController().signal;
const say = (word: string, signal = never): Promise<string> => host.run({ argv: ['echo', word], as: 'login' }, signal).then(({ stdout }) => stdout.trim());

it('has one connection, however many ask for it at once, and closes it', async () => {
  expect(await Promise.all([say('a'), say('b'), say('c')])).toEqual(['a', 'b', 'c']);
  expect(opened).toHaveLength(1);
  await host.close();
  expect(opened[0]?.closed.aborted).toBe(true);
});

it('connects again after a loss, once for all', async () => {
  await say('a');
  await opened[0]?.close();
  expect(await Promise.all([say('b'), say('c')])).toEqual(['b', 'c']);
  expect(opened).toHaveLength(2);
});

it('closes a connection that comes after the end, and opens none any more', async () => {
  gate = Promise.withResolvers();
  const late = say('a');
  const end = host.close();
  gate.resolve();
  await expect(late).rejects.toMatchObject({ code: 'CANCELLED' });
  await end;
  await expect(say('b')).rejects.toMatchObject({ code: 'CANCELLED' });
  await waitFor('every connection to be closed', () => opened.every(({ closed }) => closed.aborted));
});

it('serves who waits for the connection when the one who began it has given up', async () => {
  gate = Promise.withResolvers();
  const impatient = new AbortController();
  const [first, second] = [say('a', impatient.signal), say('b')];
  impatient.abort();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  gate.resolve();
  expect(await second).toBe('b');
  expect(opened).toHaveLength(1);
});

it('lets a command that must not be broken off come to its end when it is cancelled, once it has begun', async () => {
  const file = join(folder, 'done');
  const cancel = new AbortController();
  const taken = host.run({ argv: ['sh', '-c', ': > "$1.begun"; while [ ! -e "$1.go" ]; do sleep 0.02; done; : > "$1"', 'sh', file], as: 'login', runsToEnd: true }, cancel.signal);
  await waitFor('the command to begin', () => existsSync(`${file}.begun`));
  cancel.abort();
  await writeFile(`${file}.go`, '');
  expect((await taken).exitCode).toBe(0);
  expect(existsSync(file)).toBe(true);
  await expect(host.run({ argv: ['touch', `${file}.late`], as: 'login', runsToEnd: true }, cancel.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(existsSync(`${file}.late`)).toBe(false);
});
