import type { HostQuestion, HostReport, HostTestReport } from '../../../electron/contract/index.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import { hostsOf } from './fake-hosts.ts';
import type { FakeWorld } from './fake-world.ts';

type Check = HostReport['checks'][number];
const check = (id: string, category: Check['category'], status: Check['status'], found: string, fixes: string[] = [], stops = false): Check => ({ id, category, status, stops, found, fixes });

/** A report with everything that a report can hold. */
export function fakeReport(hostId: string, name: string, trouble: boolean): HostReport {
  return {
    hostId, name, at: Date.now(),
    checks: [
      check('platform', 'system', 'passed', 'Debian GNU/Linux 12 on x86_64'), check('systemd', 'system', 'passed', 'systemd 252'), check('libc', 'system', 'passed', 'glibc 2.36'),
      check('disk', 'system', trouble ? 'failed' : 'passed', trouble ? '1.1 GB are free in /opt, 2 GB are needed' : '31 GB are free in /opt', trouble ? ['Free space in /opt, or mount something larger there'] : []),
      check('memory', 'system', 'passed', '16 GB, 9.4 GB available'), check('clock', 'system', 'warning', 'The clock is 84 ms behind the database’s', ['timedatectl set-ntp true']), check('open-files', 'system', 'passed', '1048576 at most'),
      check('port', 'network', 'passed', 'Port 8081 is free'), check('peer-port', 'network', 'passed', 'The other hosts reach port 8081'),
      check('database-port', 'database', 'passed', 'db.lan:5432 answers in 0.6 ms'), check('database-budget', 'database', 'passed', '78 of 87 connections granted, 9 free'),
      check('filestore-mount', 'filestore', 'warning', 'nas.lan:/export/artifacts is mounted soft: a write that times out is lost', ['Mount it with the option hard'], true), check('filestore-shared', 'filestore', 'passed', 'A marker of art-1 can be read here'),
      check('service-uid', 'service', 'passed', 'Number 8081 is free'), check('existing-node', 'service', 'passed', 'No node is here yet'),
    ],
  };
}

function fakeTest(hop: string, trouble: boolean): HostTestReport {
  return {
    at: Date.now(), ok: !trouble,
    hops: [{
      hop, state: trouble ? 'failed' : 'signed in', key: { state: 'trusted', type: 'ssh-ed25519', fingerprint: 'SHA256:w3Jk0cF9sVq1nB7yTzE4xLmPaRdUgHoIiKe5sQb9fQ', command: null, known: [] }, durationMs: 184,
      attempts: trouble
        ? [{ method: 'key-file', with: '~/.ssh/id_ed25519 (SHA256:Qp3…)', outcome: 'refused', reason: 'the host does not know this key' }, { method: 'password', with: 'the stored password', outcome: 'refused', reason: 'the password is wrong' }]
        : [{ method: 'agent', with: 'SHA256:Qp3… ops@desk', outcome: 'refused' }, { method: 'key-file', with: '~/.ssh/id_ed25519 (SHA256:Lk9…)', outcome: 'accepted' }],
    }],
    failure: trouble ? { code: 'AUTH_FAILED', message: 'The host did not accept the login', hint: 'See what was tried; give another password, or put a key into authorized_keys.' } : null,
    privilege: trouble ? null : { kind: 'sudo', note: 'sudo asks for no password.' },
    facts: trouble ? null : { hostname: 'art-5', os: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-25-amd64', cpu: 'x86_64', cpus: 8, memoryBytes: 16.6e9, systemd: '252', clockAheadSeconds: 0 },
  };
}

/** Hosts, their keys, their logins and their checks. */
export function fakeHosts(world: FakeWorld): FakePart {
  const inventory = hostsOf(world);
  const listeners = new Set<(questions: HostQuestion[]) => void>();
  const tell = (questions: HostQuestion[]): void => { for (const send of listeners) send(questions); };
  return {
    answers: {
      'hosts.list': async () => {
        if (world.scenario === 'slow') await wait(60_000);
        return inventory.list();
      },
      'hosts.add': (host) => inventory.add(host),
      'hosts.remove': ({ hostId }) => {
        inventory.hosts = inventory.hosts.filter((known) => known.hostId !== hostId);
        return {};
      },
      'hosts.key': async ({ hostId }) => {
        await wait(350);
        return inventory.keyOf(hostId);
      },
      'hosts.trust': async ({ hostId }) => {
        await wait(200);
        inventory.keys.delete(hostId);
        world.changed();
        return {};
      },
      'hosts.check': async ({ hostId }) => {
        await wait(900);
        inventory.requireKey(hostId);
        return fakeReport(hostId, inventory.get(hostId).name, hostId === 'host-art-6');
      },
      'hosts.test': async (subject) => {
        await wait(700);
        if ('host' in subject && subject.host.auth.kind === 'keyboard-interactive') {
          tell([{ questionId: 'q', hop: `${subject.host.user}@${subject.host.address}:${subject.host.port ?? 22}`, title: 'Two-step sign-in', instructions: 'The code of your token.\nIt changes every 30 seconds.', prompts: [{ text: 'Verification code: ', hidden: false }, { text: 'Password: ', hidden: true }] }]);
          await wait(600_000);
        }
        if ('host' in subject) return fakeTest(`${subject.host.user}@${subject.host.address}:${subject.host.port ?? 22}`, subject.host.auth.kind === 'password');
        const { user, address, port } = inventory.get(subject.hostId);
        inventory.requireKey(subject.hostId);
        return fakeTest(`${user}@${address}:${port}`, subject.hostId === 'host-balance-1');
      },
      'hosts.importPreview': async () => {
        await wait(300);
        return {
          files: ['/home/ops/.ssh/config', '/home/ops/.ssh/config.d/lab'],
          warnings: ['/home/ops/.ssh/config.d/old:4: no such option "Ciphersuite"'],
          hosts: [
            { alias: 'art-1', name: 'art-1', address: '10.0.4.11', port: 22, user: 'ops', identityFiles: ['~/.ssh/id_ed25519'], identityAgent: null, hostKeyAlias: null, jump: [], state: 'same', problem: null, notHonoured: [] },
            { alias: 'art-8', name: 'art-8', address: '10.0.4.18', port: 22, user: 'ops', identityFiles: ['~/.ssh/id_ed25519', '~/.ssh/id_rsa'], identityAgent: null, hostKeyAlias: null, jump: [], state: 'new', problem: null, notHonoured: [{ directive: 'ControlMaster', value: 'auto', at: '/home/ops/.ssh/config:12', why: 'connections are kept by the app itself' }] },
            { alias: 'dmz-2', name: 'dmz-2', address: 'dmz-2.example', port: 2222, user: 'admin', identityFiles: [], identityAgent: '~/.1password/agent.sock', hostKeyAlias: 'dmz-2', jump: [{ alias: 'bastion', user: 'ops', address: 'bastion.example', port: 22 }, { alias: 'inner', user: 'ops', address: '10.9.0.1', port: 22 }], state: 'new', problem: null, notHonoured: [] },
            { alias: 'legacy', name: 'legacy', address: 'legacy.example', port: 22, user: 'root', identityFiles: [], identityAgent: null, hostKeyAlias: null, jump: [], state: 'impossible', problem: 'It is reached through ProxyCommand, which runs a program of this machine', notHonoured: [{ directive: 'ProxyCommand', value: 'nc -X 5 %h %p', at: '/home/ops/.ssh/config.d/lab:9', why: 'no program of this machine is run' }, { directive: 'HostKeyAlgorithms', value: '+ssh-dss', at: '/home/ops/.ssh/config.d/lab:10', why: 'DSA is not safe' }] },
          ],
        };
      },
      'hosts.import': async ({ aliases }) => {
        await wait(300);
        const added = aliases.map((alias, index) => inventory.add({ name: alias, address: `10.0.4.${18 + index}`, user: 'ops', auth: { kind: 'agent' } }));
        return { added, changed: [], refused: [{ name: 'dmz-3', code: 'ARGUMENT_INVALID', message: 'It is reached through ProxyCommand, which runs a program of this machine' }] };
      },
      'hosts.exportFleet': () => ({ format: 'bulkhead-fleet', version: 1, hosts: inventory.list().map(({ name, address, port, user }) => ({ name, address, port, user, auth: [{ kind: 'agent' as const }], jump: [] })) }),
      'hosts.importFleetPreview': ({ text }) => {
        if (!text.includes('bulkhead-fleet')) throw refusal('ARGUMENT_INVALID', 'This is no fleet file', 'It begins with {"format": "bulkhead-fleet", "version": 1}.', { format: 'expected "bulkhead-fleet"' });
        return {
          hosts: [
            { name: 'art-1', login: 'ops@10.0.4.11:22', state: 'same', differences: [], problem: null, missing: [] },
            { name: 'art-5', login: 'ops@10.0.4.25:22', state: 'changed', differences: [{ field: 'address', here: '10.0.4.15', file: '10.0.4.25' }], problem: null, missing: [] },
            { name: 'art-8', login: 'ops@10.0.4.18:22', state: 'new', differences: [], problem: null, missing: ['password'] },
          ],
        };
      },
      'hosts.importFleet': ({ names }) => ({ added: names.includes('art-8') ? [inventory.add({ name: 'art-8', address: '10.0.4.18', user: 'ops', auth: { kind: 'agent' } })] : [], changed: [], refused: [] }),
      'hosts.answer': () => {
        tell([]);
        return {};
      },
    },
    streams: {
      'hosts.questions': (_args, send) => {
        queueMicrotask(() => send([]));
        listeners.add(send);
        return () => listeners.delete(send);
      },
      'hosts.watch': (_args, send) => world.onChange(() => send(inventory.list().map(({ hostId, name, address, node }, index) => {
        const key = inventory.keyOf(hostId);
        const refused = key.state === 'trusted' ? hostId === 'host-balance-1' ? { code: 'AUTH_FAILED', message: 'The host did not accept the login', hint: 'Test the login to see what was tried.' } : null
          : { code: key.state === 'changed' ? 'HOST_KEY_CHANGED' : 'HOST_KEY_UNKNOWN', message: key.state === 'changed' ? 'The host shows another key than before' : 'The key of this host is not known', hint: 'Look at its key.' };
        const away = world.scenario === 'lan-trouble' && index === 1;
        return {
          hostId, name, address, node, reachability: refused !== null ? 'refused' as const : away ? 'unreachable' as const : 'reachable' as const, since: Date.now() - 3_600_000 * (index + 1),
          problem: refused ?? (away ? { code: 'HOST_UNREACHABLE', message: 'No answer on port 22 within 5 s', hint: 'Is it switched on, and on this network?' } : null), roundTripMs: refused === null && !away ? 0.8 : null, facts: null,
        };
      }))),
    },
  };
}
