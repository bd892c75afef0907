import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BulkheadError, type ClusterSecrets, type FleetPreview, type FoundCluster, type Handlers, type HostSummary, type HostTestReport, type LanCluster, type Planned, type RunDetail, type RunSummary } from '../../contract/index.ts';
import { runBulkhead } from '../testing/run-bulkhead.ts';
import { exitCodes } from './exit-codes.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'bulkhead-cli-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const web: HostSummary = {
  hostId: 'h1', name: 'web', address: 'fd00::1', port: 2222, user: 'ops', auth: 'key', signIn: [{ kind: 'key', detail: '/k' }, { kind: 'agent', detail: null }],
  jump: [{ host: 'gate', user: 'j', address: 'gate.lan', port: 22 }, { host: null, user: 'u', address: '10.0.0.1', port: 22 }], hostKeyAlias: null, hasSudoPassword: false, node: { clusterId: 'c', nodeId: 'web' },
};
const run: RunSummary = {
  runId: '0123456789ab', kind: 'provision', clusterId: 'c', hostId: 'h1', nodeId: 'web', state: 'done', startedAt: 0, endedAt: 1, failure: null, changed: 2,
  steps: [{ step: 'lock', title: 'Lock the host', state: 'done', touched: true, durationMs: 1500 }],
};

/** Answers, and remembers what was asked. */
function asking(name: keyof Handlers, answer: unknown): { asked: unknown[]; handlers: Partial<Handlers> } {
  const asked: unknown[] = [];
  return { asked, handlers: { [name]: async (args: unknown) => { asked.push(args); return answer; } } };
}

function secretFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, `${text}\n`);
  return file;
}

describe('host add', () => {
  it.each([
    [['ops@web-1.lan'], { name: 'web-1', address: 'web-1.lan', port: 22, user: 'ops', auth: { kind: 'agent' } }],
    [['ssh://ops@[fd00::1]:2222/', '--name', 'six', '--identity-agent', '/run/agent'], { name: 'six', address: 'fd00::1', port: 2222, user: 'ops', auth: { kind: 'agent', socket: '/run/agent' } }],
    [['ops@web', '--key', '~/k', '--agent', '--keyboard-interactive'], { name: 'web', address: 'web', port: 22, user: 'ops', auth: { kind: 'key', file: join(homedir(), 'k') }, fallbacks: [{ kind: 'agent' }, { kind: 'keyboard-interactive' }] }],
    [['ops@web', '--jump', 'gate, u@10.0.0.1:2200', '--host-key-alias', 'pool'], { name: 'web', address: 'web', port: 22, user: 'ops', auth: { kind: 'agent' }, jump: [{ host: 'gate' }, { user: 'u', address: '10.0.0.1', port: 2200 }], hostKeyAlias: 'pool' }],
  ])('%j', async (argv, wanted) => {
    const { asked, handlers } = asking('hosts.add', web);
    const { code, json } = await runBulkhead(['host', 'add', ...argv, '--json'], handlers);
    expect([code, json]).toEqual([exitCodes.ok, web]);
    expect(asked).toEqual([wanted]);
  });

  it('takes secrets from files, and from nowhere else', async () => {
    const { asked, handlers } = asking('hosts.add', web);
    await runBulkhead(['host', 'add', 'ops@web', '--key', '/k', '--passphrase-file', secretFile('p', 'open sesame'), '--password-file', secretFile('w', 'a b'), '--sudo-password-file', secretFile('s', 'sudo')], handlers);
    expect(asked).toMatchObject([{ auth: { kind: 'key', file: '/k', passphrase: 'open sesame' }, fallbacks: [{ kind: 'password', password: 'a b' }], sudoPassword: 'sudo' }]);
  });

  it.each([
    ['web'], ['ops@web:x'], ['ops@'], ['ops@web', '--passphrase-file', '/p'], ['ops@web', '--password-stdin', '--sudo-password-file', '-'], ['ops@web', '--password-stdin', '--password-file', '/p'],
    ['ops@web', '--jump', 'u@'], ['ops@web', '--password-file', '/nowhere/password'], ['ops@web', '--password-file', '/'], [],
  ])('refuses %j as wrong usage, with one line that says why', async (...argv) => {
    const { asked, handlers } = asking('hosts.add', web);
    const { code, err } = await runBulkhead(['host', 'add', ...argv], handlers);
    expect(code).toBe(exitCodes.usage);
    expect(err).not.toBe('');
    expect(asked).toEqual([]);
  });

  it('says that a host exists, as refused', async () => {
    const { code, err, json } = await runBulkhead(['host', 'add', 'ops@web', '--json'], { 'hosts.add': async () => { throw new BulkheadError('HOST_EXISTS'); } });
    expect(code).toBe(exitCodes.refused);
    expect(err).toMatch(/^HOST_EXISTS: /);
    expect(json).toMatchObject({ error: { code: 'HOST_EXISTS', hint: expect.any(String) as string } });
  });
});

describe('host', () => {
  it('lists with ways and brackets', async () => {
    expect((await runBulkhead(['host', 'list'], { 'hosts.list': async () => [web] })).out).toBe('NAME  ADDRESS             SIGN-IN     THROUGH           NODE\nweb   ops@[fd00::1]:2222  key, agent  gate, u@10.0.0.1  web\n');
  });

  it('trusts only what was compared', async () => {
    const report = { state: 'changed', hop: 'ops@web', key: { type: 'ssh-ed25519', fingerprint: 'SHA256:new' }, command: 'ssh-keygen -lf F', known: ['SHA256:old'], authority: '/etc/ssh/ssh_known_hosts:3', why: 'it shows no certificate' } as const;
    const { asked, handlers } = asking('hosts.trust', {});
    const given: Partial<Handlers> = { 'hosts.key': async () => ({ ...report, known: [...report.known] }), ...handlers };
    const shown = await runBulkhead(['host', 'trust', 'web'], given);
    expect(shown.code).toBe(exitCodes.refused);
    for (const part of ['THE KEY HAS CHANGED', 'SHA256:old', 'SHA256:new', 'ssh-keygen -lf F', '--replace', '(/etc/ssh/ssh_known_hosts:3), but it shows no certificate']) expect(shown.out).toContain(part);
    expect(asked).toEqual([]);
    expect((await runBulkhead(['host', 'trust', 'web', '--fingerprint', 'SHA256:new', '--replace'], given)).code).toBe(exitCodes.ok);
    expect(asked).toEqual([{ hostId: 'web', fingerprint: 'SHA256:new', replace: true }]);
    const steering = await runBulkhead(['host', 'trust', 'web'], { 'hosts.key': async () => ({ ...report, known: [], why: 'its\u001b[2J\ncertificate\u009b31m' }) });
    expect(steering.out).toContain('but its·[2J·certificate·31m: have');
  });

  it('tests: what was tried, and an exit code that says whether a node can go there', async () => {
    const report: HostTestReport = {
      at: 0, ok: false, failure: { code: 'AUTH_FAILED', message: 'no', hint: 'See "details".' }, privilege: null, facts: null,
      hops: [{ hop: 'ops@web', state: 'failed', key: { state: 'trusted', type: 'ssh-ed25519', fingerprint: 'SHA256:x', command: null, known: [] }, attempts: [{ method: 'key-file', with: '/k', outcome: 'could not be used', reason: 'the passphrase is wrong' }], durationMs: 3 }],
    };
    const refused = await runBulkhead(['host', 'test', 'web'], { 'hosts.test': async () => report });
    expect(refused.code).toBe(exitCodes.failed);
    const away = { ...report, failure: { code: 'HOST_UNREACHABLE', message: 'no', hint: '' } };
    expect((await runBulkhead(['host', 'test', 'web'], { 'hosts.test': async () => away })).code).toBe(exitCodes.notRunning);
    expect((await runBulkhead(['host', 'test', 'web'], { 'hosts.test': async () => ({ ...report, failure: null, privilege: { kind: 'none', note: 'no sudo' } }) })).code).toBe(exitCodes.refused);
    expect(refused.out).toContain('key-file   /k: could not be used (the passphrase is wrong)');
    const facts = { hostname: 'web', os: 'Debian', kernel: '6', cpu: 'x86_64', cpus: 2, memoryBytes: 2 ** 30, systemd: '252', clockAheadSeconds: 0 };
    const fine = await runBulkhead(['host', 'test', 'web', '--json'], { 'hosts.test': async () => ({ ...report, ok: true, failure: null, facts, privilege: { kind: 'sudo', note: '' } }) });
    expect([fine.code, fine.json]).toMatchObject([exitCodes.ok, { ok: true, facts }]);
  });

  it('checks: refused when one has failed', async () => {
    const check = { id: 'port-free', category: 'network', status: 'failed', stops: true, found: 'taken', fixes: ['stop it'] } as const;
    const { asked, handlers } = asking('hosts.check', { hostId: 'h1', name: 'web', at: 0, checks: [{ ...check, fixes: [...check.fixes] }] });
    const { code, out } = await runBulkhead(['host', 'check', 'web', '--cluster', 'art'], handlers);
    expect(code).toBe(exitCodes.refused);
    expect(out).toContain('port-free: stop it');
    expect(asked).toEqual([{ hostId: 'web', clusterId: 'art' }]);
  });

  it.each([
    [['--key', '/new', '--replace-key'], { changes: { auth: { kind: 'key', file: '/new' }, fallbacks: [] }, test: true, authorizedKey: 'replace' }],
    [['--no-jump', '--forget-sudo-password', '--no-test'], { changes: { jump: [], sudoPassword: null }, test: false, authorizedKey: 'leave' }],
    [['--address', 'root@10.0.0.2:22', '--name', 'other'], { changes: { address: '10.0.0.2', port: 22, user: 'root', name: 'other' }, test: true, authorizedKey: 'leave' }],
    [['--jump', 'gate', '--install-key', '--key', '/new'], { changes: { jump: [{ host: 'gate' }], auth: { kind: 'key', file: '/new' }, fallbacks: [] }, test: true, authorizedKey: 'add' }],
  ])('edits %j', async (argv, wanted) => {
    const { asked, handlers } = asking('hosts.edit', { host: web, test: null, authorizedKeys: { added: 'SHA256:a', removed: 'SHA256:b' } });
    const { code, out } = await runBulkhead(['host', 'edit', 'web', ...argv], handlers);
    expect(code).toBe(exitCodes.ok);
    expect(out).toBe('changed web\ninstalled SHA256:a\nremoved SHA256:b\n');
    expect(asked).toEqual([{ hostId: 'web', ...wanted }]);
  });

  it('edits nothing where nothing is said', async () => {
    const { asked, handlers } = asking('hosts.edit', { host: web, test: null, authorizedKeys: { added: null, removed: null } });
    expect((await runBulkhead(['host', 'edit', 'web', '--no-test'], handlers)).code).toBe(exitCodes.usage);
    expect(asked).toEqual([]);
  });

  it('shows what ssh_config has, and takes what is chosen', async () => {
    const host = { alias: 'web', name: 'web', address: 'web', port: 22, user: 'ops', identityFiles: ['/k'], identityAgent: null, hostKeyAlias: null, jump: [], state: 'new', problem: null, notHonoured: [{ directive: 'forwardagent', value: 'yes', at: 'f:3', why: 'no' }] } as const;
    const preview = { files: ['/c'], warnings: ['f:1: broken'], hosts: [{ ...host, identityFiles: [...host.identityFiles], jump: [], notHonoured: [...host.notHonoured] }, { ...host, alias: 'old', state: 'same' as const, identityFiles: [], jump: [], notHonoured: [] }] };
    const { asked, handlers } = asking('hosts.import', { added: [web], changed: [], refused: [] });
    const given: Partial<Handlers> = { 'hosts.importPreview': async () => preview, ...handlers };
    const shown = await runBulkhead(['host', 'import-ssh-config', '--file', '/c'], given);
    for (const part of ['forwardagent yes (f:3): no', 'f:1: broken', 'read: /c']) expect(shown.out).toContain(part);
    expect((await runBulkhead(['host', 'import-ssh-config', '--file', '/c', '--json'], given)).json).toEqual(preview);
    expect((await runBulkhead(['host', 'import-ssh-config', '--file', '/c', '--all'], given)).out).toBe('added web\n');
    await runBulkhead(['host', 'import-ssh-config', 'web', 'db'], given);
    expect(asked).toEqual([{ path: '/c', aliases: ['web'] }, { aliases: ['web', 'db'] }]);
  });

  it.each([
    ['host', 'export', '--out', '/nowhere/fleet.json'], ['host', 'import', '/nowhere/fleet.json'], ['balancer', 'export', '--cluster', 'art', '--product', 'nginx', '--to', '/dev/null/x'],
    ['cluster', 'password', 'art', '--password-file', '/nowhere/password'], ['cluster', 'restore-key', 'art', '/nowhere/copy', '--passphrase-file', '/nowhere/passphrase'],
  ])('calls a file that cannot be used wrong usage: %s %s %s %s', async (...argv) => {
    const answers: Partial<Handlers> = { 'hosts.exportFleet': async () => ({ format: 'bulkhead-fleet', version: 1, hosts: [] }), 'balancers.export': async () => ({ files: [] }) };
    expect(await runBulkhead(argv, answers)).toMatchObject({ code: exitCodes.usage, out: '', err: expect.stringMatching(/^ARGUMENT_INVALID: \/(?:nowhere|dev\/null)\/\S+ cannot be (?:read|written|made) \(E/) as string });
  });

  it('exports to a file, and imports what is new from it', async () => {
    const file = join(folder, 'fleet.json');
    const fleet = { format: 'bulkhead-fleet', version: 1, hosts: [] } as const;
    expect((await runBulkhead(['host', 'export', '--out', file], { 'hosts.exportFleet': async () => ({ ...fleet, hosts: [] }) })).code).toBe(exitCodes.ok);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(fleet);
    const line = (name: string, state: 'new' | 'changed' | 'same' | 'conflict'): FleetPreview['hosts'][number] => ({ name, login: 'ops@x', state, differences: [], problem: state === 'conflict' ? 'no way' : null, missing: [] });
    const { asked, handlers } = asking('hosts.importFleet', { added: [web], changed: [], refused: [] });
    const given: Partial<Handlers> = { 'hosts.importFleetPreview': async () => ({ hosts: [line('a', 'new'), line('b', 'changed'), line('c', 'same'), line('d', 'conflict')] }), ...handlers };
    const planned = await runBulkhead(['host', 'import', file, '--plan'], given);
    expect([planned.code, asked.length]).toEqual([exitCodes.refused, 0]);
    const taken = await runBulkhead(['host', 'import', file, '--json'], given);
    expect([taken.code, taken.json]).toMatchObject([exitCodes.refused, { added: [{ name: 'web' }], refused: [{ name: 'b', code: 'HOST_EXISTS' }, { name: 'd', message: 'no way' }] }]);
    expect((await runBulkhead(['host', 'import', file, 'a', 'b', '--replace'], given)).code).toBe(exitCodes.ok);
    expect(asked).toMatchObject([{ names: ['a'] }, { names: ['a', 'b'] }]);
    expect((await runBulkhead(['host', 'import', file, 'zzz'], given)).code).toBe(exitCodes.usage);
    expect((await runBulkhead(['host', 'import', join(folder, 'nowhere')], given)).code).toBe(exitCodes.usage);
  });
});

describe('cluster', () => {
  const created: LanCluster = {
    clusterId: 'c', nodes: [], settings: {
      name: 'art', database: { host: 'db', port: 5432, name: 'bulkhead', user: 'bulkhead', pool: { min: 5, max: 20 }, keepForOthers: 5 }, filestore: '/srv/art', nodePort: 8081, trustedProxies: [],
      serviceUid: 8081, serviceGid: 8081, drainNoticeMs: 3000, drainDeadlineMs: 60_000,
    },
  };

  it('creates with defaults, and with everything said', async () => {
    const { asked, handlers } = asking('clusters.create', created);
    expect(await runBulkhead(['cluster', 'create', 'art', '--database-host', 'db', '--filestore', '/srv/art', '--json'], handlers)).toMatchObject({ code: exitCodes.ok, json: created });
    await runBulkhead(['cluster', 'create', 'art', '--database-host', 'db', '--database-port', '6432', '--filestore', '/srv/art', '--base-url', 'https://art.lan', '--trusted-proxy', '10.0.0.1', '10.0.0.2', '--service-uid', '900', '--port', '9081', '--database-password-file', secretFile('d', 'secret')], handlers);
    expect(asked).toMatchObject([
      { database: { host: 'db', port: 5432 }, nodePort: 8081 },
      { database: { port: 6432 }, databasePassword: 'secret', baseUrl: 'https://art.lan', trustedProxies: ['10.0.0.1', '10.0.0.2'], serviceUid: 900, serviceGid: 900, nodePort: 9081 },
    ]);
  });

  it.each([[['create', 'art']], [['create', 'art', '--database-host', 'db', '--filestore', 'relative']], [['create', 'art', '--database-host', 'db', '--filestore', '/f', '--port', 'x']], [['create', 'demo', '--database-host', 'db', '--filestore', '/f']], [['create', 'art', '--database-host', 'db', '--filestore', '/f/../opt']], [['create', 'art', '--database-host', 'db', '--filestore', '/f', '--trusted-proxy', 'front.lan']], [['rotate', 'art', 'nothing']], [['password', 'art']]])('refuses %j', async (argv) => {
    expect((await runBulkhead(['cluster', ...argv])).code).toBe(exitCodes.usage);
  });

  it('leads to details only where there are some', async () => {
    const line = ['cluster', 'create', 'art', '--database-host', 'db', '--filestore', '/f'];
    expect((await runBulkhead([...line, '--plan'])).err).toBe('ARGUMENT_INVALID: --plan needs --nodes\n  See --help.\n');
    expect((await runBulkhead([...line, '--port', '80'])).err).toContain('"details"');
  });

  it('does not say that it kills a master where it is not allowed to', async () => {
    const refusing: Partial<Handlers> = { 'failover.drill': async () => { throw new BulkheadError('CONFIRMATION_NEEDED'); } };
    expect((await runBulkhead(['failover', 'drill', '--cluster', 'art'], refusing)).err).not.toContain('killing');
    expect((await runBulkhead(['failover', 'drill', '--cluster', 'art', '--confirm', 'art'], refusing)).err).toContain('killing');
  });

  it('looks at a cluster before it is adopted', async () => {
    const found: FoundCluster = {
      hostId: 'h', settings: created.settings, state: 'new', knowsAdmin: false, lockedBy: 'eve on desk, since now', halfReplaced: ['cluster-key'], problem: null,
      nodes: [{ nodeId: 'a', address: '10.0.0.1', observed: 'serving', version: '1.0.0', master: true, host: null }],
      run: { runId: 'r', kind: 'upgrade', to: '1.1.0', state: 'interrupted', startedBy: 'tom', holder: 'tom', startedAt: 0, holderUntil: 0, asOf: 1, done: 1, nodes: 3 },
    };
    const adopting = asking('clusters.adopt', {});
    const { code, out } = await runBulkhead(['cluster', 'adopt', 'a', '--look'], { ...adopting.handlers, 'clusters.look': async () => found });
    expect([code, adopting.asked]).toEqual([exitCodes.ok, []]);
    for (const words of ['not known here', 'is added', 'upgrade to 1.1.0: interrupted, 1 of 3 nodes done', 'half replaced: cluster-key', 'eve on desk']) expect(out).toContain(words);
  });

  it('tells what was left half replaced', async () => {
    const progress = { clusterId: 'c', what: 'cluster-key', phase: 2, phases: 3, title: 'every node uses the new key', nodeId: 'a' } as const;
    const secrets: ClusterSecrets = { clusterId: 'c', keyCopy: null, secrets: [{ what: 'cluster-key', phases: ['x', 'y', 'z'], state: 'interrupted', progress, replacedAt: null, problem: null }] };
    const { code, out } = await runBulkhead(['cluster', 'secrets', 'art'], { 'clusters.secrets': async () => secrets });
    expect([code, out.includes('rotate again to finish it at phase 2 of 3: every node uses the new key'), out.includes('no copy of the key')]).toEqual([exitCodes.ok, true, true]);
  });

  it('writes a copy of the key to a new file of its owner only, and leaves none behind when there is no copy', async () => {
    const { asked, handlers } = asking('clusters.copyKey', { name: 'x', text: 'sealed' });
    const copy = (out: string, given = handlers): ReturnType<typeof runBulkhead> => runBulkhead(['cluster', 'copy-key', 'art', '--passphrase-file', secretFile('p', 'a long passphrase'), '--out', join(folder, out)], given);
    expect((await copy('key.json')).code).toBe(exitCodes.ok);
    expect([readFileSync(join(folder, 'key.json'), 'utf8'), statSync(join(folder, 'key.json')).mode & 0o777, asked]).toEqual(['sealed', 0o600, [{ clusterId: 'art', passphrase: 'a long passphrase' }]]);
    expect((await copy('key.json')).code).toBe(exitCodes.usage);
    expect((await copy('other.json', { 'clusters.copyKey': async () => { throw new BulkheadError('NOT_SUPPORTED'); } })).code).not.toBe(exitCodes.ok);
    expect([asked.length, existsSync(join(folder, 'other.json'))]).toEqual([1, false]);
    const restoring = asking('clusters.restoreKey', created);
    expect((await runBulkhead(['cluster', 'restore-key', 'art', join(folder, 'key.json'), '--passphrase-file', secretFile('p', 'a long passphrase')], restoring.handlers)).code).toBe(exitCodes.ok);
    expect(restoring.asked).toEqual([{ clusterId: 'art', text: 'sealed', passphrase: 'a long passphrase' }]);
  });

  it('lists and forgets', async () => {
    expect((await runBulkhead(['cluster', 'list'], { 'clusters.lan': async () => [created] })).out).toContain('bulkhead at db:5432');
    const { asked, handlers } = asking('clusters.forget', {});
    expect((await runBulkhead(['cluster', 'forget', 'art'], handlers)).code).toBe(exitCodes.refused);
    expect(asked).toEqual([]);
    expect((await runBulkhead(['cluster', 'forget', 'art', '--yes'], handlers)).code).toBe(exitCodes.ok);
    expect(asked).toEqual([{ clusterId: 'art' }]);
    expect((await runBulkhead(['cluster', 'forget', 'art', '--yes'], { 'clusters.forget': async () => { throw new BulkheadError('HOST_IN_USE'); } })).code).toBe(exitCodes.refused);
  });
});

describe('node', () => {
  it('plans without doing anything, as text, as JSON and as a script', async () => {
    const plan: Planned = { nodeId: 'web', host: 'web', script: '#!/bin/sh\necho all\n', steps: [{ step: 'lock', title: 'Lock the host', probe: ['test -d /l'], apply: ['mkdir /l'], undo: [], files: [{ path: '/etc/x', content: 'a\nb\n' }] }] };
    const { asked, handlers } = asking('nodes.plan', [plan]);
    const text = (await runBulkhead(['node', 'provision', 'web', '--cluster', 'art', '--plan'], handlers)).out;
    for (const part of ['1. Lock the host', 'only unless  test -d /l', 'run          mkdir /l', '/etc/x']) expect(text).toContain(part);
    expect((await runBulkhead(['node', 'provision', 'web', '--cluster', 'art', '--plan', '--json'], handlers)).json).toEqual([plan]);
    expect((await runBulkhead(['node', 'provision', 'web', '--cluster', 'art', '--plan', '--script'], handlers)).out).toBe('#!/bin/sh\necho all\n\n');
    expect(asked).toHaveLength(3);
  });

  it.each([['done', exitCodes.ok], ['failed', exitCodes.failed], ['cancelled', exitCodes.interrupted]] as const)('ends with the outcome of the runs: %s', async (state, code) => {
    const failure = state === 'done' ? null : { code: 'STEP_FAILED', message: 'it broke', hint: 'mend it' };
    const { asked, handlers } = asking('nodes.provision', [{ ...run, state, failure }]);
    const ended = await runBulkhead(['node', 'provision', 'web', 'db', '--cluster', 'art', '--accept', 'clock', 'latency'], handlers);
    expect(ended.code).toBe(code);
    expect(ended.out).toContain(state === 'done' ? 'web  serves in 1.5 s: 2 steps changed something' : 'bulkhead run resume 01234567');
    expect(asked).toEqual([{ clusterId: 'art', hostIds: ['web', 'db'], acceptWarnings: ['clock', 'latency'] }]);
  });

  it('tells each step on standard error while it runs, and nothing of it with --json', async () => {
    const watching: Partial<Handlers> = {
      'runs.watch': async function* steps() { yield { ...run, state: 'running' as const, steps: run.steps.map((step) => ({ ...step, state: 'applying' as const })) }; },
      'nodes.provision': async () => { await new Promise((resolve) => { setImmediate(resolve); }); return [run]; },
    };
    expect((await runBulkhead(['node', 'provision', 'web', '--cluster', 'art'], watching)).err).toContain('web  1/1  Lock the host');
    expect(await runBulkhead(['node', 'provision', 'web', '--cluster', 'art', '--json'], watching)).toMatchObject({ err: '', json: [run] });
  });

  it('shows what a removal does, and does nothing', async () => {
    const plan: Planned = { nodeId: 'web', host: 'web', script: '#!/bin/sh\necho gone\n', steps: [{ step: 'stop', title: 'Drain and stop the node', probe: [], apply: ['systemctl stop x'], undo: [], files: [] }] };
    const { asked, handlers } = asking('nodes.removalPlan', plan);
    expect((await runBulkhead(['node', 'remove', 'web', '--cluster', 'art', '--plan'], handlers)).out).toContain('1. Drain and stop the node');
    expect((await runBulkhead(['node', 'remove', 'web', '--cluster', 'art', '--plan', '--script'], handlers)).out).toContain('echo gone');
    expect(asked).toEqual([{ clusterId: 'art', nodeId: 'web' }, { clusterId: 'art', nodeId: 'web' }]);
  });

  it('removes only when told to', async () => {
    const { asked, handlers } = asking('nodes.remove', { ...run, kind: 'remove' });
    expect((await runBulkhead(['node', 'remove', 'web', '--cluster', 'art'], handlers)).code).toBe(exitCodes.refused);
    expect(asked).toEqual([]);
    expect((await runBulkhead(['node', 'remove', 'web', '--cluster', 'art', '--yes'], handlers)).out).toContain('web  removed');
    expect(asked).toEqual([{ clusterId: 'art', nodeId: 'web' }]);
  });

  it.each([[['provision', 'web']], [['provision', '--cluster', 'art']], [['logs', 'web']], [['logs', 'web', '--cluster', 'art', '--lines', '0']]])('refuses %j', async (argv) => {
    expect((await runBulkhead(['node', ...argv], asking('nodes.journal', { lines: [] }).handlers)).code).toBe(exitCodes.usage);
  });
});

describe('run', () => {
  const detail: RunDetail = { ...run, commands: [{ step: 'lock', phase: 'apply', command: 'mkdir \u001b[31m/l', exitCode: null, durationMs: null, lastLines: 'a\nb' }] };

  it('lists and shows, and cannot be made to steer the terminal', async () => {
    expect((await runBulkhead(['run', 'list', '--limit', '7', '--json'], { 'runs.list': async ({ limit }) => (limit === 7 ? [run] : []) })).json).toEqual([run]);
    const { out } = await runBulkhead(['run', 'show', '0123'], { 'runs.show': async () => detail });
    expect(out).toContain('lock apply  [cut off, – ms]  mkdir ·[31m/l\n    a\n    b');
    expect(out).not.toContain('\u001b');
  });

  it.each([['resume', 'runs.resume'], ['rollback', 'runs.rollback']] as const)('%s', async (name, operation) => {
    const { asked, handlers } = asking(operation, { ...run, state: name === 'rollback' ? 'rolled-back' : 'done' });
    expect((await runBulkhead(['run', name, '0123'], handlers)).code).toBe(exitCodes.ok);
    expect(asked).toMatchObject([{ runId: '0123' }]);
    expect((await runBulkhead(['run', name, '0123'], { [operation]: async () => { throw new BulkheadError('RUN_STATE'); } })).code).toBe(exitCodes.refused);
    expect((await runBulkhead(['run', name])).code).toBe(exitCodes.usage);
  });

  it('says that there is no such run', async () => {
    expect(await runBulkhead(['run', 'show', 'x'], { 'runs.show': async () => { throw new BulkheadError('RUN_NOT_FOUND'); } })).toMatchObject({ code: exitCodes.failed, out: '' });
    expect((await runBulkhead(['run', 'list', '--limit', 'many'])).code).toBe(exitCodes.usage);
  });
});
