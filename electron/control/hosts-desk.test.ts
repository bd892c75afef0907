import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasOpenSsh, makeKey } from '../../test/harness/key-files.ts';
import { TestServer, type SignInRules } from '../../test/harness/ssh-server.ts';
import type { CallContext, HostAuth, HostQuestion, NewHost } from '../contract/index.ts';
import { Fleet, HostConnections, HostQuestions, Hosts, LanClusters } from './fleet/index.ts';
import { HostsDesk } from './hosts-desk.ts';
import { createFileBox, SecretStore } from './secrets/index.ts';
import { KnownHosts, publicKeysIn } from './ssh/index.ts';
import { listHostRows, openState, type State } from './state/index.ts';

let folder: string;
let state: State;
let knownHosts: KnownHosts;
let handlers: HostsDesk['handlers'];
let hosts: Hosts;
const servers: TestServer[] = [];
let changed: (string | null)[];
const context: CallContext = { signal: new AbortController().signal, caller: 'test' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-hosts-'));
  state = openState(folder);
  const secrets = new SecretStore(state, createFileBox(folder));
  knownHosts = new KnownHosts(join(folder, 'known_hosts'), []);
  hosts = new Hosts(state, secrets);
  const questions = new HostQuestions();
  changed = [];
  handlers = new HostsDesk({ hosts, questions, clusters: new LanClusters(state, new Fleet(state), secrets), connections: new HostConnections(knownHosts, questions), balancedOn: () => [], onChange: (hostId) => { changed.push(hostId); } }).handlers;
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  state.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(rules: SignInRules, isTrusted = true): Promise<TestServer> {
  const server = await TestServer.start({ rules, environment: { ...process.env, HOME: folder } });
  servers.push(server);
  if (isTrusted) await knownHosts.trust('127.0.0.1', server.port, server.hostKey);
  return server;
}

const at = (server: { port: number }, auth: HostAuth, more: Partial<NewHost> = {}): NewHost => ({ name: 'web', address: '127.0.0.1', port: server.port, user: 'ops', auth, ...more });
const password = (text: string): HostAuth => ({ kind: 'password', password: text });
const secretNames = (): string[] => state.prepare<[], { name: string }>('select name from secret').all().map(({ name }) => name);

describe('the key of a host', () => {
  test('is shown and trusted hop by hop; the end is looked at over the way, without its credentials', async () => {
    const end = await start({ password: 'end' }, false);
    const middle = await start({ password: 'middle' }, false);
    await handlers['hosts.add'](at(end, password('end'), { jump: [{ address: '127.0.0.1', port: middle.port, user: 'jump', auth: password('middle') }] }), context);
    const first = await handlers['hosts.key']({ hostId: 'web' }, context);
    expect(first).toMatchObject({ state: 'unknown', hop: `jump@127.0.0.1:${middle.port}`, key: { fingerprint: middle.hostKey.fingerprint } });
    await expect(handlers['hosts.trust']({ hostId: 'web', fingerprint: end.hostKey.fingerprint, replace: false }, context)).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' });
    await handlers['hosts.trust']({ hostId: 'web', fingerprint: middle.hostKey.fingerprint, replace: false }, context);
    expect(await handlers['hosts.key']({ hostId: 'web' }, context)).toMatchObject({ state: 'unknown', hop: `ops@127.0.0.1:${end.port}`, key: { fingerprint: end.hostKey.fingerprint } });
    await handlers['hosts.trust']({ hostId: 'web', fingerprint: end.hostKey.fingerprint, replace: false }, context);
    expect(await handlers['hosts.key']({ hostId: 'web' }, context)).toMatchObject({ state: 'trusted', key: null });
    expect(end.requests.every((request) => request === 'none')).toBe(true);
    expect(changed).toEqual([null, null]);
  });
});

describe('a test', () => {
  test('tells of each hop what was tried, and of the host what it is', async () => {
    const end = await start({ password: 'end' });
    const middle = await start({ password: 'middle' });
    await handlers['hosts.add']({ ...at(middle, password('middle')), name: 'bastion' }, context);
    const report = await handlers['hosts.test']({ host: at(end, password('wrong'), { fallbacks: [password('end')], jump: [{ host: 'bastion' }] }) }, context);
    expect(report.failure).toBeNull();
    expect(report.hops).toMatchObject([
      { hop: `ops@127.0.0.1:${middle.port}`, state: 'signed in', key: { state: 'trusted' }, attempts: [{ outcome: 'accepted' }] },
      { hop: `ops@127.0.0.1:${end.port}`, state: 'signed in', attempts: [{ outcome: 'refused' }, { outcome: 'accepted' }] },
    ]);
    expect(report.facts).toMatchObject({ cpu: expect.stringMatching(/./) as string, memoryBytes: expect.any(Number) as number, clockAheadSeconds: 0 });
    expect(report.privilege).not.toBeNull();
    // it was only tried
    expect(hosts.list().map(({ name }) => name)).toEqual(['bastion']);
    expect(secretNames()).toHaveLength(1);
  });

  test('of a host that is not trusted, or refuses, says so without throwing', async () => {
    const unknown = await start({ password: 'x' }, false);
    const refusing = await start({ password: 'x' });
    expect(await handlers['hosts.test']({ host: at(unknown, password('x')) }, context)).toMatchObject({ ok: false, failure: { code: 'HOST_KEY_UNKNOWN' }, hops: [{ state: 'failed', key: { state: 'unknown', fingerprint: unknown.hostKey.fingerprint, command: expect.stringContaining('ssh-keygen') as string } }] });
    const report = await handlers['hosts.test']({ host: at(refusing, password('canary'), { jump: [] }) }, context);
    expect(report).toMatchObject({ ok: false, failure: { code: 'AUTH_FAILED' }, hops: [{ state: 'failed', key: { state: 'trusted' }, attempts: [{ outcome: 'refused' }] }], privilege: null });
    expect(JSON.stringify(report)).not.toContain('canary');
    const behind = await handlers['hosts.test']({ host: at(unknown, password('x'), { jump: [{ address: '127.0.0.1', port: refusing.port, user: 'ops', auth: password('no') }] }) }, context);
    expect(behind.hops.map((hop) => hop.state)).toEqual(['failed', 'not reached']);
  });

  test('asks whoever listens, and nobody when nobody does', async () => {
    const server = await start({ questions: [{ text: 'Code: ', echo: false, answer: '42' }, { text: 'Name: ', echo: true, answer: 'ada' }] });
    const host = at(server, { kind: 'keyboard-interactive' });
    expect(await handlers['hosts.test']({ host }, context)).toMatchObject({ failure: { code: 'AUTH_FAILED' }, hops: [{ attempts: [{ reason: 'nobody has answered the questions of the host' }] }] });
    const listening = new AbortController();
    const asked: HostQuestion[][] = [];
    const answering = (async () => {
      for await (const list of handlers['hosts.questions']({}, { ...context, signal: listening.signal })) {
        asked.push(list);
        for (const { questionId } of list) await handlers['hosts.answer']({ questionId, answers: ['42', 'ada'] }, context);
      }
    })();
    expect(await handlers['hosts.test']({ host }, context)).toMatchObject({ failure: null });
    listening.abort();
    await answering;
    expect(asked.flat()[0]).toMatchObject({ hop: `ops@127.0.0.1:${server.port}`, prompts: [{ text: 'Code: ', hidden: true }, { text: 'Name: ', hidden: false }] });
    await expect(handlers['hosts.answer']({ questionId: 'gone', answers: null }, context)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});

describe('editing', () => {
  test('a new password is kept only after it was let in, and the old one is gone then', async () => {
    const rules = { password: 'old' };
    const server = await start(rules);
    await handlers['hosts.add'](at(server, password('old')), context);
    const edit = { hostId: 'web', changes: { auth: password('new') }, test: true, authorizedKey: 'leave' } as const;
    await expect(handlers['hosts.edit'](edit, context)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    expect(await handlers['hosts.test']({ hostId: 'web' }, context)).toMatchObject({ failure: null });
    rules.password = 'new';
    const before = secretNames();
    expect((await handlers['hosts.edit'](edit, context)).test).toMatchObject({ failure: null });
    expect(secretNames()).toHaveLength(1);
    expect(secretNames()).not.toEqual(before);
    expect(await handlers['hosts.test']({ hostId: 'web' }, context)).toMatchObject({ failure: null });
  });

  test('another way that still works proves nothing about the new one', async () => {
    const server = await start({ password: 'right' });
    await handlers['hosts.add'](at(server, password('right')), context);
    await expect(handlers['hosts.edit']({ hostId: 'web', changes: { auth: password('wrong'), fallbacks: [password('right')] }, test: true, authorizedKey: 'leave' }, context))
      .rejects.toMatchObject({ code: 'AUTH_FAILED', message: expect.stringContaining('another one works') as string });
  });

  test.skipIf(!hasOpenSsh)('a key takes another one\'s place in authorized_keys, and a key that is refused leaves no trace', async () => {
    const [old, fresh] = [makeKey(folder, 'old'), makeKey(folder, 'fresh')];
    mkdirSync(join(folder, '.ssh'));
    const file = join(folder, '.ssh', 'authorized_keys');
    // no line end, as some people leave it, and a line with options
    writeFileSync(file, `# mine\nno-pty ssh-ed25519 ${makeKey(folder, 'other').key} other\nssh-ed25519 ${old.key} old`);
    let isBlind = true;
    const server = await start({ keys: () => publicKeysIn(readFileSync(file, 'utf8')).map(({ key }) => key).filter((key) => !isBlind || key !== fresh.key) });
    await handlers['hosts.add'](at(server, { kind: 'key', file: old.path }), context);
    const edit = { hostId: 'web', changes: { auth: { kind: 'key', file: fresh.path } }, test: true, authorizedKey: 'replace' } as const;
    const untouched = readFileSync(file, 'utf8');
    await expect(handlers['hosts.edit'](edit, context)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    expect(readFileSync(file, 'utf8').trim()).toBe(untouched);
    isBlind = false;
    expect(await handlers['hosts.edit'](edit, context)).toMatchObject({ authorizedKeys: { added: fresh.fingerprint, removed: old.fingerprint }, host: { signIn: [{ kind: 'key', detail: fresh.path }] } });
    expect(publicKeysIn(readFileSync(file, 'utf8')).map(({ fingerprint }) => fingerprint)).toEqual([expect.any(String), fresh.fingerprint]);
    expect(readFileSync(file, 'utf8')).toContain('# mine\nno-pty ');
    expect(await handlers['hosts.test']({ hostId: 'web' }, context)).toMatchObject({ failure: null });
    expect(readdirSync(join(folder, '.ssh'))).toEqual(['authorized_keys']);
  });

  test('names and ways; a way may not lead in a circle, and a host on the way of others stays', async () => {
    const server = await start({ password: 'x' });
    await handlers['hosts.add']({ ...at(server, password('x')), name: 'bastion' }, context);
    await handlers['hosts.add'](at(server, password('x'), { jump: [{ host: 'bastion' }] }), context);
    const rename = await handlers['hosts.edit']({ hostId: 'bastion', changes: { name: 'gate' }, test: true, authorizedKey: 'leave' }, context);
    expect(changed).toEqual([hosts.get('gate').hostId]);
    expect(rename).toMatchObject({ test: null, host: { name: 'gate' } });
    expect(hosts.get('web').jump).toMatchObject([{ host: 'gate' }]);
    await expect(handlers['hosts.edit']({ hostId: 'gate', changes: { jump: [{ host: 'web' }] }, test: false, authorizedKey: 'leave' }, context)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(handlers['hosts.edit']({ hostId: 'gate', changes: { name: 'web' }, test: false, authorizedKey: 'leave' }, context)).rejects.toMatchObject({ code: 'HOST_EXISTS' });
    await expect(handlers['hosts.remove']({ hostId: 'gate' }, context)).rejects.toMatchObject({ code: 'HOST_IN_USE' });
    await handlers['hosts.remove']({ hostId: 'web' }, context);
    await handlers['hosts.remove']({ hostId: 'gate' }, context);
    expect(secretNames()).toEqual([]);
  });
});

describe('ssh_config', () => {
  const text = 'Host web\n HostName 10.0.0.5\n User ops\n IdentityFile /keys/web\n ProxyJump bastion,u@10.9.9.9\nHost bastion\n HostName gate.lan\n User jump\n IdentitiesOnly yes\n IdentityFile /keys/gate\nHost tunnel\n ProxyCommand nc %h %p\nHost web_2\n HostKeyAlias cluster\n ForwardAgent yes\n User ops';

  test('a preview says what is new, what is not honoured and what is impossible', async () => {
    const { hosts: found } = await handlers['hosts.importPreview']({ text }, context);
    expect(found.map(({ alias, name, state: each }) => [alias, name, each])).toEqual([['web', 'web', 'new'], ['bastion', 'bastion', 'new'], ['tunnel', 'tunnel', 'impossible'], ['web_2', 'web-2', 'new']]);
    expect(found[0]).toMatchObject({ address: '10.0.0.5', user: 'ops', identityFiles: ['/keys/web'], jump: [{ alias: 'bastion', user: 'jump', address: 'gate.lan' }, { user: 'u', address: '10.9.9.9' }] });
    expect(found[3]).toMatchObject({ hostKeyAlias: 'cluster', notHonoured: [{ directive: 'forwardagent', at: 'ssh_config:15' }] });
  });

  test('importing brings the hosts on the way along, and keeps what is known', async () => {
    const result = await handlers['hosts.import']({ text, aliases: ['web', 'tunnel'] }, context);
    expect(result.added.map(({ name }) => name)).toEqual(['bastion', 'web']);
    expect(result.refused).toMatchObject([{ name: 'tunnel', code: 'NOT_SUPPORTED' }]);
    expect(hosts.get('web')).toMatchObject({ address: '10.0.0.5', port: 22, user: 'ops', jump: [{ host: 'bastion' }, { host: null, user: 'u', address: '10.9.9.9', port: 22 }] });
    expect(hosts.get('web').signIn[0]).toEqual({ kind: 'key', detail: '/keys/web' });
    expect(hosts.get('bastion').signIn).toEqual([{ kind: 'key', detail: '/keys/gate' }]);
    expect((await handlers['hosts.import']({ text, aliases: ['web'] }, context)).refused).toMatchObject([{ code: 'HOST_EXISTS' }]);
    expect((await handlers['hosts.importPreview']({ text }, context)).hosts.map((host) => host.state)).toEqual(['same', 'same', 'impossible', 'new']);
    await expect(handlers['hosts.import']({ text, aliases: ['nobody'] }, context)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(handlers['hosts.importPreview']({ path: join(folder, 'nowhere') }, context)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', details: { reason: 'ENOENT' } });
  });
});

describe('the fleet file', () => {
  const add = async (): Promise<void> => {
    await handlers['hosts.add']({ ...at({ port: 22 }, password('canary-password')), name: 'gate' }, context);
    await handlers['hosts.add'](at({ port: 2222 }, { kind: 'key', file: '/keys/web', passphrase: 'canary-passphrase' }, { sudoPassword: 'canary-sudo', jump: [{ host: 'gate' }], hostKeyAlias: 'cluster' }), context);
  };
  const exported = async (): Promise<string> => JSON.stringify(await handlers['hosts.exportFleet']({}, context));

  test('goes out without secrets, and comes back the same in another place', async () => {
    await add();
    const text = await exported();
    expect(text).not.toContain('canary');
    expect((await handlers['hosts.importFleetPreview']({ text }, context)).hosts.map((host) => host.state)).toEqual(['same', 'same']);
    await handlers['hosts.remove']({ hostId: 'web' }, context);
    await handlers['hosts.remove']({ hostId: 'gate' }, context);
    expect((await handlers['hosts.importFleetPreview']({ text }, context)).hosts).toMatchObject([{ name: 'gate', state: 'new', missing: ['password'] }, { name: 'web', state: 'new', missing: [] }]);
    const result = await handlers['hosts.importFleet']({ text, names: ['web', 'gate'] }, context);
    expect(result.added.map(({ name }) => name)).toEqual(['gate', 'web']);
    expect(await exported()).toBe(text);
  });

  test('what differs is told and taken over, and secrets stay where the way to sign in stays', async () => {
    await add();
    const before = secretNames();
    const text = (await exported()).replace('2222', '2223');
    expect((await handlers['hosts.importFleetPreview']({ text }, context)).hosts[1]).toMatchObject({ state: 'changed', differences: [{ field: 'port', here: '2222', file: '2223' }] });
    expect(await handlers['hosts.importFleet']({ text, names: ['web', 'gate'] }, context)).toMatchObject({ added: [], changed: [{ name: 'web', port: 2223 }], refused: [] });
    expect(secretNames().sort()).toEqual(before.sort());
    expect((await hosts.access('web')).credentials((await hosts.access('web')).target)).toMatchObject([{ kind: 'key-file', passphrase: {} }]);
  });

  test.each([
    ['{', 'not JSON'], ['{"format":"bulkhead-fleet","version":2,"hosts":[]}', 'of version 2, and this app reads version 1'], ['{"format":"bulkhead-fleet","version":1,"hosts":[{"name":"a","address":"b","user":"c","auth":[{"kind":"password","password":"canary"}]}]}', 'password'],
  ])('%s is refused with what is wrong', async (text, part) => {
    await expect(handlers['hosts.importFleetPreview']({ text }, context)).rejects.toSatisfy((error) => JSON.stringify(error, ['message', 'details', 'path', 'code']).includes(part));
  });

  test('conflicts: a missing host on the way, a circle, a twin, a bad name', async () => {
    await add();
    const host = (name: string, more: object = {}): object => ({ name, address: '10.0.0.9', user: 'ops', auth: [{ kind: 'agent' }], ...more });
    const text = JSON.stringify({ format: 'bulkhead-fleet', version: 1, hosts: [host('a', { jump: [{ host: 'nobody' }] }), host('b', { jump: [{ host: 'c' }] }), host('c', { jump: [{ host: 'b' }] }), host('twin', { address: '127.0.0.1' }), host('bad name')] });
    const { hosts: found } = await handlers['hosts.importFleetPreview']({ text }, context);
    expect(found.map(({ state: each, problem }) => [each, problem?.split(' ').slice(0, 3).join(' ')])).toEqual([
      ['conflict', 'it is reached'], ['conflict', 'its way leads'], ['conflict', 'its way leads'], ['conflict', 'ops@127.0.0.1 is known'], ['conflict', 'name: use letters,'],
    ]);
    const result = await handlers['hosts.importFleet']({ text, names: ['a', 'b', 'c', 'twin', 'bad name'] }, context);
    expect(result.refused).toHaveLength(5);
    expect(hosts.list()).toHaveLength(2);
  });
});

test('secrets are in the store and not in the rows', async () => {
  await handlers['hosts.add'](at({ port: 22 }, password('canary-1'), { fallbacks: [{ kind: 'keyboard-interactive', password: 'canary-2' }], sudoPassword: 'canary-3', jump: [{ address: 'j', user: 'u', port: 22, auth: password('canary-4') }] }), context);
  expect(JSON.stringify(listHostRows(state))).not.toContain('canary');
  expect(JSON.stringify(await handlers['hosts.list']({}, context))).not.toContain('canary');
  expect(secretNames()).toHaveLength(4);
});
