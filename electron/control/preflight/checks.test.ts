import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { DatabaseFacts } from '../../contract/index.ts';
import { checks, runChecks, type Check, type CheckContext, type DatabaseLook, type OtherHost, type PlannedNode, type Probe, type ProbeResult } from './index.ts';

const planned: PlannedNode = {
  clusterName: 'art', nodeId: 'n1', url: 'http://10.0.0.1:8081', listen: { port: 8081 }, database: { host: '10.0.0.9', port: 5432, name: 'bulkhead', user: 'bulkhead', pool: { min: 5 } },
  filestore: '/srv/bulkhead/filestore', serviceUid: 8081, serviceGid: 8081, peerUrl: null,
};

type Answers = Readonly<Record<string, Partial<ProbeResult>>>;

/** Answers by the first word that a command line begins with or contains. */
const answering = (answers: Answers): Probe => (...argv) => {
  const line = argv.join(' ');
  const found = Object.entries(answers).find(([part]) => line.includes(part))?.[1];
  return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...found });
};

const facts: DatabaseFacts = {
  serverVersion: '17.2', roundTripMs: 1, clockOffsetMs: 0, mayCreate: true, hasSchema: true, budget: 90, granted: 44, indispensable: 14, control: 2, pooled: false, poolMode: null, isStandby: false,
  durability: { fsync: true, synchronousCommit: 'on', synchronousStandbys: '', standbys: 0 }, warnings: [],
};
const look = (changes: Partial<DatabaseFacts> = {}): DatabaseLook => ({ kind: 'facts', facts: { ...facts, ...changes }, clockOf: 'this machine' });
const durability = (changes: Partial<DatabaseFacts['durability']>): DatabaseLook => look({ durability: { ...facts.durability, ...changes } });

function host(answers: Answers, plan: PlannedNode | null = planned, others: readonly OtherHost[] = [], database: DatabaseLook = look()): CheckContext {
  return { planned: plan, probe: answering(answers), probeToEnd: answering(answers), others, database: () => Promise.resolve(database), clusterKeyDigest: () => Promise.resolve('aa') };
}

const other = (answers: Answers, role: OtherHost['role'] = 'node'): OtherHost => ({ name: 'two', role, url: role === 'node' ? 'http://10.0.0.2:8081' : null, probe: answering(answers) });

const signal = new AbortController().signal;
const only = async (id: string, context: CheckContext): Promise<unknown> =>
  (await runChecks(checks.filter((check) => check.id === id), context, signal))[0];

it.each(['/home/ops/store', '/tmp/store', '/var/tmp', '/root/x', '/opt/bulkhead', '/opt/bulkhead/store', '/run/user/0/x'])('knows a filestore that the service could not see, or that is the app\'s own place: %s', async (filestore) => {
  expect(await only('filestore', host({}, { ...planned, filestore }))).toMatchObject({ status: 'failed', found: expect.stringMatching(/cannot be used/) as string });
});

it.each(['/homes/store', '/srv/tmp', '/opt/bulkheads', '/opt/store', '/run/store', '/var/lib/bulkhead/store'])('lets a filestore be at %s', async (filestore) => {
  expect(await only('filestore', host({}, { ...planned, filestore }))).toMatchObject({ status: 'passed' });
});

it.each(['101', '2026', '1e3', '0x1f', 'true', 'null', '10.5'])('knows its own node again whatever YAML would make of its name: %s', async (name) => {
  const stdout = stringify({ node: { id: name, url: 'http://10.0.0.1:8081' }, cluster: { name } });
  expect(await only('existing-node', host({ 'node.yaml': { stdout } }, { ...planned, nodeId: name, clusterName: name }))).toMatchObject({ status: 'passed' });
  expect(await only('existing-node', host({ 'node.yaml': { stdout } }))).toMatchObject({ status: 'failed', found: `This host carries ${name} of the cluster "${name}"` });
});

it.each([
  ['the same', { host: '10.0.0.9', name: 'bulkhead' }, 'bb', 'passed'],
  ['another address of it, and the same key', { host: 'db.lan', name: 'bulkhead' }, 'aa', 'passed'],
  ['another one, and another key', { host: '10.0.0.9', name: 'other' }, 'bb', 'failed'],
  ['one on another port, and another key', { host: '10.0.0.9', port: 5433, name: 'bulkhead' }, 'bb', 'failed'],
])('tells a cluster of the same name from another one by its database: %s', async (_what, database, key, status) => {
  const stdout = stringify({ node: { id: 'n1' }, cluster: { name: 'art' }, database });
  expect(await only('existing-node', host({ 'node.yaml': { stdout }, 'cluster.key': { stdout: `${key}\n` } }))).toMatchObject({ status });
});

it.each([
  ['platform', { uname: { stdout: 'Linux aarch64\n' } }, 'passed'],
  ['platform', { uname: { stdout: 'Linux riscv64\n' } }, 'failed'],
  ['platform', { uname: { stdout: 'Linux x86_64\n' } }, 'passed'],
  ['glibc', { getconf: { stdout: 'glibc 2.27\n' } }, 'failed'],
  ['glibc', { getconf: { stdout: 'glibc 2.36\n' } }, 'passed'],
  ['glibc', { getconf: { exitCode: 127 } }, 'failed'],
  ['systemd', { '--version': { stdout: 'systemd 239 (239)\n' } }, 'failed'],
  ['systemd', { 'test -d': { exitCode: 1 } }, 'failed'],
  ['tools', { 'command -v': { stdout: 'gzip\n' } }, 'failed'],
  ['disk', { 'df -Pk': { stdout: '/dev/vda 1000000 900000 100000 90% /opt\n/dev/vdb 1000000 0 900000 1% /var\n' } }, 'failed'],
  ['disk', { 'df -Pk': { stdout: '/dev/vda 1000000 0 900000 1% /opt\n/dev/vdb 1000000 990000 10000 99% /var\n' } }, 'failed'],
  ['disk', { 'df -Pk': { stdout: '/dev/vda 1000000 0 900000 1% /opt\n/dev/vdb 1000000 0 900000 1% /var\n' } }, 'passed'],
  ['disk', { 'df -Pk': { stdout: '/dev/vda 1000000 0 100000 90% /opt\n/dev/vdb 1000000 0 900000 1% /var\ninstalled\n' } }, 'warning'],
  ['disk', { 'df -Pk': { stdout: '/dev/vda 1000000 0 10000 99% /opt\n/dev/vdb 1000000 0 900000 1% /var\ninstalled\n' } }, 'failed'],
  ['memory', { meminfo: { stdout: 'MemTotal: 2048000 kB\nMemAvailable: 300000 kB\n' }, 'is-active': { exitCode: 3 } }, 'failed'],
  ['memory', { meminfo: { stdout: 'MemTotal: 2048000 kB\nMemAvailable: 300000 kB\n' }, 'is-active': { exitCode: 0 } }, 'warning'],
  ['memory', { meminfo: { stdout: 'MemTotal: 2048000 kB\nMemAvailable: 700000 kB\n' } }, 'warning'],
  ['own-places', { readlink: { stdout: 'real /data/bulkhead\n' } }, 'passed'],
  ['own-places', { readlink: { stdout: 'real /homes/bulkhead\n' } }, 'passed'],
  ['own-places', { readlink: { stdout: 'real /home/bulkhead\n' } }, 'failed'],
  ['own-places', { readlink: { stdout: 'read-only /etc\nreal /opt/bulkhead\n' } }, 'failed'],
  ['own-places', { readlink: { stdout: 'no-file /etc/bulkhead/node.yaml\nreal /opt/bulkhead\n' } }, 'failed'],
  ['own-places', { readlink: { stdout: 'no-folder /opt/bulkhead\nreal \n' } }, 'failed'],
  ['runtime-folder', { findmnt: { stdout: '/opt rw,noexec,relatime\n' } }, 'failed'],
  ['port', { 'ss ': { stdout: 'LISTEN 0 5 0.0.0.0:8081 0.0.0.0:* users:(("java",pid=99,fd=3))\n' }, MainPID: { stdout: '0\n' } }, 'failed'],
  ['port', { 'ss ': { stdout: 'LISTEN 0 5 0.0.0.0:8081 0.0.0.0:* users:(("node",pid=99,fd=3))\n' }, MainPID: { stdout: '99\n' } }, 'passed'],
  ['database-port', { '/dev/tcp': { exitCode: 124 } }, 'failed'],
  ['filestore', { setpriv: { exitCode: 13 } }, 'failed'],
  ['filestore-mount', { findmnt: { stdout: '/srv nfs4 rw,soft,proto=tcp\n' } }, 'failed'],
  ['filestore-mount', { findmnt: { stdout: '/srv nfs4 rw,softerr,proto=tcp\n' } }, 'failed'],
  ['filestore-mount', { findmnt: { stdout: '/srv nfs4 rw,hard,softreval,proto=tcp\n' } }, 'passed'],
  ['filestore-mount', { findmnt: { stdout: '/ ext4 rw\n' } }, 'warning'],
  ['service-uid', { getent: { stdout: 'jenkins:x:8081:8081::/home/jenkins:/bin/sh\n' } }, 'failed'],
  ['service-uid', { getent: { stdout: 'bulkhead:x:8081:8081::/opt/bulkhead:/usr/sbin/nologin\n' } }, 'passed'],
  ['service-uid', { getent: { stdout: 'bulkhead:x:990:990::/opt/bulkhead:/usr/sbin/nologin\n' } }, 'failed'],
  ['service-uid', { getent: { stdout: 'bulkhead:x:8081:100::/opt/bulkhead:/usr/sbin/nologin\n' } }, 'failed'],
  ['existing-node', { 'node.yaml': { stdout: 'node:\n  id: other\n  url: http://x\ncluster:\n  name: foreign\n' } }, 'failed'],
  ['existing-node', { 'node.yaml': { exitCode: 1 }, 'bulkhead-node.service': { stdout: '[Unit]\nDescription=Somebody else\n' } }, 'failed'],
  ['existing-node', { 'node.yaml': { exitCode: 1 }, 'bulkhead-node.service': { stdout: '[Unit]\nDescription=Bulkhead artifact node n1\n' } }, 'passed'],
  ['existing-node', { 'node.yaml': { exitCode: 1 }, 'bulkhead-node.service': { exitCode: 1 } }, 'passed'],
  ['existing-node', { 'node.yaml': { stdout: 'node:\n  id: n1\n  url: http://x\ncluster:\n  name: art\n' } }, 'passed'],
])('%s says of %o: %s', async (id, answers, status) => {
  expect(await only(id, host(answers))).toMatchObject({ id, status });
});

it.each([
  ['database', look(), 'passed', false],
  ['database', { kind: 'refused', found: 'the password is wrong', fix: 'Give another.' }, 'failed', false],
  ['database', { kind: 'later', reason: 'no forwarding' }, 'warning', false],
  ['database-pooler', look({ pooled: true }), 'failed', false],
  ['database-pooler', look({ pooled: true, poolMode: 'transaction' }), 'failed', false],
  ['database-pooler', look(), 'passed', false],
  ['database-durability', durability({ fsync: false }), 'warning', true],
  ['database-durability', durability({ synchronousCommit: 'off' }), 'warning', true],
  ['database-durability', durability({ standbys: 2 }), 'warning', true],
  ['database-durability', durability({ standbys: 1, synchronousStandbys: '*', synchronousCommit: 'local' }), 'warning', true],
  ['database-durability', durability({ standbys: 1, synchronousStandbys: '*' }), 'passed', false],
  ['database-durability', durability({ synchronousStandbys: '*' }), 'warning', false],
  ['database-durability', durability({}), 'passed', false],
  ['database-failover-address', durability({ standbys: 1 }), 'warning', false],
  ['database-failover-address', durability({}), 'passed', false],
  ['connection-budget', look({ budget: 20, indispensable: 14 }), 'failed', false],
  ['connection-budget', look({ budget: 24, indispensable: 14 }), 'warning', false],
  ['connection-budget', look(), 'passed', false],
] as const)('%s says of %o: %s, and stops: %s', async (id, database, status, stops) => {
  expect(await only(id, host({ 'test -e /etc/bulkhead/node.yaml': { exitCode: 1 } }, planned, [], database))).toMatchObject({ id, status, stops });
});

it('counts a node that is there only once, and everybody who joins in the same run', async () => {
  const there = { 'test -e': { exitCode: 0 } };
  const bare = { 'test -e': { exitCode: 1 } };
  expect(await only('connection-budget', host(there, planned, [], look({ budget: 21, indispensable: 14 })))).toMatchObject({ status: 'passed' });
  expect(await only('connection-budget', host(bare, planned, [other({}, 'joining')], look({ budget: 21, indispensable: 14 })))).toMatchObject({ status: 'failed' });
});

it('holds the clock of a host against the database, over this machine', async () => {
  const now = { date: { stdout: `${Date.now() + 60_000}\n` } };
  expect(await only('clock', host(now))).toMatchObject({ status: 'warning', found: expect.stringMatching(/^The clock is (59|60|61) s ahead of the database's$/) as string });
  expect(await only('clock', host(now, planned, [], look({ clockOffsetMs: -60_000 })))).toMatchObject({ status: 'passed' });
  for (const [ms, words] of [[-90_000, '90 s behind'], [600_000, '10 min ahead of'], [7 * 3_600_000, '7 h ahead of'], [-3 * 86_400_000, '3 days behind']] as const) {
    expect(await only('clock', host({ date: { stdout: `${Date.now() + ms}\n` } }))).toMatchObject({ found: `The clock is ${words} the database's` });
  }
});

describe('with other hosts', () => {
  const free = { 'is-active --quiet bulkhead-node': { exitCode: 3 }, 'ss -Hltn': { stdout: '' } };
  const deaf = { '/dev/tcp/': { exitCode: 124 } };

  it('finds the port open', async () => {
    expect(await only('node-port', host(free, planned, [other({}), other({}, 'balancer')]))).toMatchObject({ status: 'passed', found: '10.0.0.1:8081 can be reached from two, two (balancer)' });
  });

  const nftables = JSON.stringify({ nftables: [{ metainfo: { json_schema_version: 1 } }, { chain: { family: 'inet', table: 'filter', name: 'input', handle: 1, type: 'filter', hook: 'input', prio: 0, policy: 'drop' } }] });
  const endsWith = (expr: readonly unknown[]): string => JSON.stringify({ nftables: [
    { chain: { family: 'inet', table: 'filter', name: 'input', hook: 'input', policy: 'accept' } },
    { rule: { family: 'inet', table: 'filter', chain: 'input', handle: 9, expr } },
  ] });
  it.each([
    ['firewalld', { 'firewall-cmd --zone': { stdout: 'internal\n' } }, 'firewall-cmd --permanent --zone=internal --add-port=8081/tcp && firewall-cmd --reload'],
    ['ufw', { 'is-active --quiet firewalld': { exitCode: 3 }, 'ufw status': { stdout: 'Status: active\n\nTo                         Action      From\n--                         ------      ----\n22/tcp                     ALLOW       Anywhere\n' } }, 'ufw allow 8081/tcp'],
    ['nftables', { 'is-active --quiet firewalld': { exitCode: 3 }, 'nft -j': { stdout: nftables } }, 'nft insert rule inet filter input tcp dport 8081 accept   (and the same line in /etc/nftables.conf, for the next boot)'],
    ['iptables', { 'is-active --quiet firewalld': { exitCode: 3 }, 'iptables -S': { stdout: '-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n' } }, 'iptables -I INPUT -p tcp --dport 8081 -j ACCEPT   (and save it, for the next boot)'],
    ['nftables', { 'is-active --quiet firewalld': { exitCode: 3 }, 'nft -j': { stdout: endsWith([{ counter: { packets: 1, bytes: 60 } }, { reject: { type: 'icmpx' } }]) } }, 'nft insert rule inet filter input tcp dport 8081 accept   (and the same line in /etc/nftables.conf, for the next boot)'],
    ['no firewall was found', { 'is-active --quiet firewalld': { exitCode: 3 }, 'nft -j': { stdout: endsWith([{ match: { left: 'ip saddr' } }, { drop: null }]) }, 'iptables -S': { stdout: '-P INPUT ACCEPT\n-A INPUT -s 192.0.2.9/32 -j DROP\n' } }, undefined],
    ['iptables', { 'is-active --quiet firewalld': { exitCode: 3 }, 'iptables -S': { stdout: '-P INPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\n' } }, 'iptables -I INPUT -p tcp --dport 8081 -j ACCEPT   (and save it, for the next boot)'],
    ['no firewall was found', { 'is-active --quiet firewalld': { exitCode: 3 }, 'iptables -S': { exitCode: 1 } }, undefined],
  ])('names %s as what keeps the port shut', async (name, answers, fix) => {
    const found = await only('node-port', host({ ...free, ...answers }, planned, [other(deaf)]));
    expect(found).toMatchObject({ status: 'failed' });
    expect(JSON.stringify(found)).toContain(name);
    if (fix !== undefined) expect(found).toMatchObject({ fixes: [fix] });
  });

  it('blames no firewall where a host has no route to the other, as one without IPv4 has none to IPv4', async () => {
    const apart = { '/dev/tcp/': { exitCode: 1 }, 'ip route get 10.0.0': { exitCode: 2 } };
    const to = [expect.stringContaining('of the same kind (IPv4 or IPv6)') as string];
    expect(await only('node-port', host(free, planned, [other(apart)]))).toMatchObject({ status: 'failed', found: '10.0.0.1:8081 cannot be reached from two: no route there', fixes: to });
    expect(await only('database-port', host(apart))).toMatchObject({ status: 'failed', found: 'From this host 10.0.0.9:5432 cannot be reached: this host has no route there', fixes: to });
    const nameless = { '/dev/tcp/': { exitCode: 1 }, 'getent ahosts db': { exitCode: 2 } };
    expect(await only('database-port', host(nameless, { ...planned, database: { ...planned.database, host: 'db' } }))).toMatchObject({ status: 'failed', found: 'From this host db:5432 cannot be reached: its name is not known here' });
    expect(await only('database-port', host({ '/dev/tcp/': { exitCode: 1 } }))).toMatchObject({ status: 'failed', found: 'From this host 10.0.0.9:5432 refuses the connection' });
  });

  it('waits for the port of a node that has just been started, and blames no firewall for one that opens none', async () => {
    const open = { 'for i in': { exitCode: 0 } };
    expect(await only('node-port', host(open, planned, [other({})]))).toMatchObject({ status: 'passed' });
    expect(await only('node-port', host({ 'for i in': { exitCode: 1 } }, planned, [other(deaf)]))).toMatchObject({ status: 'warning', found: 'The node runs, and does not listen on port 8081' });
  });

  it('ends the trial on the port whatever came of it', async () => {
    const ran: string[] = [];
    const context = host(free, planned, [other(deaf)]);
    const noted: Probe = (...argv) => { ran.push(argv.join(' ')); return context.probe(...argv); };
    await only('node-port', { ...context, probe: noted, probeToEnd: noted });
    expect(ran.findIndex((line) => line.includes('systemctl stop'))).toBeGreaterThan(0);
    expect(ran.at(-1)).toContain('systemctl stop');
  });

  it('ends the trial also when the check is cancelled in it, and takes over one that an app has left', async () => {
    const trial = { 'ss -Hltn': { stdout: 'LISTEN 0 4096 *:8081 *:* users:(("systemd",pid=1,fd=25))\n' }, 'is-active --quiet bulkhead-node': { exitCode: 3 } };
    const ran: string[] = [];
    const context = host(trial, planned, [other({})]);
    const toEnd: Probe = (...argv) => { ran.push(/systemd-run|systemctl stop/.exec(argv.join(' '))?.[0] ?? ''); return context.probe(...argv); };
    expect(await only('node-port', { ...context, probeToEnd: toEnd })).toMatchObject({ status: 'passed' });
    expect(ran).toEqual(['systemctl stop', 'systemd-run', 'systemctl stop']);
    expect(await only('port', context)).toMatchObject({ status: 'passed', found: expect.stringContaining('Port 8081 is free') as string });
    const stranger = { ...trial, 'is-active --quiet bulkhead-port-check': { exitCode: 3 }, MainPID: { stdout: '0\n' } };
    expect(await only('port', host(stranger))).toMatchObject({ status: 'failed', found: 'Port 8081 is taken by systemd (process 1)' });
  });

  it('takes back everything that a check leaves on the host when it is cancelled there', async () => {
    const cancelled = (): Promise<ProbeResult> => Promise.reject(new Error('cancelled'));
    const left: string[] = [];
    const context = { ...host({ mktemp: { stdout: '/srv/.bulkhead-seen.x\nabc\n' } }, planned, [{ ...other({}), probe: cancelled }]) };
    await only('filestore-shared', { ...context, probeToEnd: (...argv) => { left.push(argv[0] ?? ''); return context.probe(...argv); } });
    expect(left).toEqual(['sh', 'rm']);
  });

  it('names SELinux where it keeps the trial off, and where it keeps a balancer from connecting', async () => {
    expect(await only('node-port', host({ ...free, 'systemd-run': { exitCode: 1 }, getenforce: { stdout: 'Enforcing\n' } }, planned, [other({})]))).toMatchObject({ status: 'warning', fixes: ['semanage port -a -t http_port_t -p tcp 8081'] });
    const runs = (product: string): Answers => ({ getenforce: { stdout: 'Enforcing\n' }, [`is-active --quiet ${product}`]: { exitCode: 0 }, 'is-active': { exitCode: 3 }, getsebool: { stdout: 'some_boolean --> off\n' } });
    const said = (product: string): Promise<unknown> => only('node-port', host(free, planned, [other(runs(product), 'balancer')]));
    expect(await said('nginx')).toMatchObject({ status: 'warning', found: expect.stringContaining('SELinux on two') as string, fixes: [expect.stringContaining('httpd_can_network_connect') as string] });
    expect(await said('haproxy')).toMatchObject({ status: 'warning', fixes: [expect.stringContaining('haproxy_connect_any') as string] });
    expect(await said('none')).toMatchObject({ status: 'passed' });
  });

  it.each([
    ['key 1 aa  -\npassword 1', 'passed'],
    ['', 'passed'],
    ['key 1 bb  -', 'failed'],
    ['key 2 bb  -', 'failed'],
    ['key 1 aa  -\npassword 2', 'failed'],
  ])('says of secrets on a node, %j: %s', async (stdout, status) => {
    const look = { 'cluster.key': { stdout: `${stdout}\n` } };
    expect(await only('cluster-secrets', host({}, planned, [other(look)]))).toMatchObject({ status });
    // what the host itself has is put right, unless two secrets are in use there
    expect(await only('cluster-secrets', host(look))).toMatchObject({ status: stdout.includes(' 2') ? 'failed' : 'passed' });
  });

  it('reads on one host what another has written', async () => {
    const wrote = { mktemp: { stdout: '/srv/bulkhead/filestore/.bulkhead-seen.x\nsecret\n' } };
    expect(await only('filestore-shared', host(wrote, planned, [other({ 'cat /srv/bulkhead/filestore/.bulkhead-seen.x': { stdout: 'secret\n' } })]))).toMatchObject({ status: 'passed' });
    expect(await only('filestore-shared', host(wrote, planned, [other({ cat: { exitCode: 1 } })]))).toMatchObject({ status: 'failed' });
    expect(await only('filestore-shared', host(wrote, planned, [other({ cat: { stdout: 'other\n' } }, 'joining')]))).toMatchObject({ status: 'failed' });
    expect(await only('filestore-shared', host(wrote, planned, [other({}, 'balancer')]))).toBeUndefined();
  });

  it('sees that root is somebody else on the share, and that numbers differ', async () => {
    const missing = { 'stat -c %u:%g /srv': { exitCode: 1 } };
    expect(await only('filestore-owner', host({ ...missing, mktemp: { exitCode: 12 } }))).toMatchObject({ status: 'failed', found: expect.stringContaining('root_squash') as string });
    expect(await only('filestore-owner', host({ ...missing, mktemp: { stdout: '8081:8081\n' } }))).toMatchObject({ status: 'passed' });
    expect(await only('filestore-owner', host({ stat: { stdout: '8081:8081\n' } }, planned, [other({ stat: { stdout: '65534:65534\n' } })]))).toMatchObject({ status: 'failed' });
  });

  it('takes a filestore on the root file system for a share that is not mounted', async () => {
    expect(await only('filestore-mount', host({ findmnt: { stdout: '/ ext4 rw\n' } }, planned, [other({})]))).toMatchObject({ status: 'warning', stops: true });
    expect(await only('filestore-mount', host({ findmnt: { stdout: '/srv nfs4 rw,hard,async\n' } }))).toMatchObject({ status: 'warning', stops: true });
  });

  it('tells what is slow to reach', async () => {
    const slow = { 'bash 10.0.0.2 8081': { stdout: '12000\n' }, 'bash 10.0.0.9 5432': { stdout: '400\n' } };
    expect(await only('latency', host(slow, planned, [other({})]))).toMatchObject({ status: 'warning', found: 'Slow to reach: the database 0.4 ms, two 12.0 ms' });
    expect(await only('latency', host({ 'bash 10.0.0': { stdout: '400\n' } }, planned, [other({})]))).toMatchObject({ status: 'passed' });
  });

  it('reaches every node that serves', async () => {
    expect(await only('peer-port', host({}, planned, [other({})]))).toMatchObject({ status: 'passed' });
    const listening = { 'ss -Hltn': { stdout: 'LISTEN 0 511 0.0.0.0:8081 0.0.0.0:*\n' } };
    expect(await only('peer-port', host({ '/dev/tcp/': { exitCode: 1 } }, planned, [other(listening)]))).toMatchObject({ status: 'failed', found: 'From this host nodes cannot be reached: 10.0.0.2:8081 refuses' });
    expect(await only('peer-port', host({ '/dev/tcp/': { exitCode: 1 } }, planned, [other({})]))).toMatchObject({ status: 'warning', stops: false, found: expect.stringContaining('two') as string });
    expect(await only('peer-port', host({}, planned, [other({}, 'joining')]))).toBeUndefined();
    const alone = { '/dev/tcp/': { exitCode: 1 }, 'ip route get': { exitCode: 2 } };
    expect(await only('peer-port', host(alone, planned, [other(listening)]))).toMatchObject({ status: 'failed', found: 'From this host nodes cannot be reached: 10.0.0.2:8081 (no route there)', fixes: [expect.stringContaining('IPv6') as string] });
  });
});

it('names who holds the port, and every failure says how to mend it', async () => {
  const taken = { 'ss ': { stdout: 'LISTEN 0 5 *:8081 *:* users:(("java",pid=99,fd=3))\n' }, MainPID: { stdout: '0' } };
  expect(await only('port', host(taken))).toMatchObject({ found: 'Port 8081 is taken by java (process 99)' });
  const results = await runChecks(checks, host({ '': { exitCode: 1 } }), signal);
  for (const { id, fixes } of results.filter(({ status }) => status === 'failed')) expect(fixes, id).not.toEqual([]);
});

it('is what the documentation says', () => {
  const documented = [...readFileSync(new URL('../../../docs/preflight.md', import.meta.url), 'utf8').matchAll(/^\| `([\w-]+)` \|/gm)].map(([, id]) => id);
  expect(documented).toEqual(checks.map(({ id }) => id));
});

it('lets no check break the list', async () => {
  const broken: Check = { id: 'broken', category: 'system', applicable: () => true, check: () => Promise.reject(new Error('oh')) };
  const results = await runChecks([broken, ...checks.slice(0, 1)], host({ uname: { stdout: 'Linux x86_64' } }), signal);
  expect(results.map(({ status }) => status)).toEqual(['failed', 'passed']);
});

it('looks only at the host itself while nothing is planned', async () => {
  const results = await runChecks(checks, host({}, null), signal);
  expect(results.map(({ category }) => category)).not.toContain('database');
  expect(results.map(({ category }) => category)).not.toContain('filestore');
});
