import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HostReport, LanSettings } from '../../electron/contract/index.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { addHosts, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** A host that differs in everything that is allowed to differ, and what it sees. */
const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let settings: LanSettings;

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({
    hosts: [{ name: 'gate', image: 'pooler' }, { name: 'odd', onlyV6: true, behind: 'gate', sshPort: 2222, sftp: false, noisy: true }], database: 'process',
  }));
  const folder = clean.use(await temporaryFolder('odd'));
  room = clean.use(await openLanRoom(join(folder.path, 'state')));
  await addHosts(room, lab, 'gate');
  const { address, sshPort } = lab.host('odd');
  await room.client.call('hosts.add', { name: 'odd', address, port: sshPort, user: 'ops', auth: { kind: 'key', file: lab.keyFile }, jump: [{ host: 'gate' }] });
  const { key } = await room.client.call('hosts.key', { hostId: 'odd' });
  await room.client.call('hosts.trust', { hostId: 'odd', fingerprint: key!.fingerprint });
  const database = lab.database!;
  // by name: it means another address where there is no IPv4
  ({ settings } = await room.client.call('clusters.create', {
    name: 'art', databasePassword: database.password, filestore: '/srv/bulkhead/art', drainNoticeMs: 200,
    database: { host: 'database', port: database.port, name: await database.createDatabase(), user: database.user, keepForOthers: 5 },
  }));
});

afterAll(() => clean.disposeAsync());

const found = ({ checks }: HostReport, id: string): unknown => checks.find((check) => check.id === id);

it('sees a pooler that answers in place of the database, and a clock that is off', async () => {
  const { port, user, password } = lab.database!;
  const gate = lab.host('gate');
  await gate.write('etc/pgbouncer/pgbouncer.ini', [
    '[databases]', `* = host=${lab.databaseAddress} port=${port} user=${user} password=${password}`,
    '[pgbouncer]', 'listen_addr = *', 'listen_port = 6432', 'auth_type = any', 'pool_mode = session', 'ignore_startup_parameters = options',
    'pidfile = /run/postgresql/pgbouncer.pid', 'unix_socket_dir = /tmp', 'logfile = /var/log/postgresql/pgbouncer.log', '',
  ].join('\n'));
  await gate.run('systemctl', 'restart', 'pgbouncer');
  await lab.host('odd').skewClock(-90);
  const report = await room.client.call('newCluster.check', {
    cluster: { ...settings, name: 'other', database: { ...settings.database, host: 'gate', port: 6432 } }, hostId: 'gate', hostIds: ['gate', 'odd'], databasePassword: password,
  });
  expect(found(report, 'database-pooler')).toMatchObject({ status: 'failed' });
  expect(found(await room.client.call('hosts.check', { hostId: 'odd', clusterId: 'art' }), 'clock')).toMatchObject({ status: 'warning', found: expect.stringMatching(/^The clock is \d+ s behind the database's$/) as string });
  await lab.host('odd').skewClock(0);
});

it('serves: without IPv4, without SFTP, on another port, with a talkative shell, over another host', async () => {
  const [run] = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['odd'] });
  expect([run?.state, run?.failure]).toEqual(['done', null]);
  expect(await lab.host('gate').run('bash', '-c', 'exec 3<> "/dev/tcp/$1/8081" && printf "GET /artifactory/api/system/ping HTTP/1.0\\r\\n\\r\\n" >&3 && cat <&3', 'bash', lab.host('odd').address)).toMatch(/200 OK[\s\S]*OK$/);
});
