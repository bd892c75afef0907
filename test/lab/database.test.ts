import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HostReport, LanSettings } from '../../electron/contract/index.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import type { DatabaseHost } from './database-host.ts';
import { NodeClient, adminOf } from './node-client.ts';
import { addHosts, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** A replicated PostgreSQL on hosts of its own: what preflight says of it, and what becomes of a cluster whose primary loses its power. */
const names = ['one', 'two'] as const;
const recoveryMs = 120_000;
const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let primary: DatabaseHost;
let standby: DatabaseHost;
let settings: LanSettings;
let databaseName: string;

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: names.map((name) => ({ name })), database: 'replicated' }));
  [primary, standby] = lab.databaseHosts as [DatabaseHost, DatabaseHost];
  const folder = clean.use(await temporaryFolder('database'));
  room = clean.use(await openLanRoom(join(folder.path, 'state')));
  await addHosts(room, lab, ...names);
  databaseName = await primary.createDatabase();
  ({ settings } = await room.client.call('clusters.create', {
    name: 'art', databasePassword: primary.password, filestore: '/srv/bulkhead/art', drainNoticeMs: 200,
    // the standby first: the choice is the one that may be written to, not the first
    database: { host: `${standby.address},${primary.address}`, port: primary.port, name: databaseName, user: primary.user, keepForOthers: 5 },
  }));
});

afterAll(() => clean.disposeAsync());

const at = (name: string): NodeClient => new NodeClient(lab.target(name).address, authorization);
let authorization = '';

/** What the wizard's page of hosts says, with this as the database host. */
async function preflight(host: string): Promise<Map<string, HostReport['checks'][number]>> {
  const { checks } = await room.client.call('newCluster.check', {
    cluster: { ...settings, name: 'other', database: { ...settings.database, host } }, hostId: 'one', hostIds: ['one'], databasePassword: primary.password,
  });
  return new Map(checks.map((check) => [check.id, check]));
}

it('preflight sees the standby: whether commits wait for it, and whether nodes would find it', async () => {
  const both = `${standby.address},${primary.address}`;
  let checks = await preflight(both);
  expect(checks.get('database-durability')).toMatchObject({ status: 'passed', found: expect.stringMatching(/Commits wait for a standby .*a failover loses nothing that was acknowledged/) as string });
  expect(checks.get('database-failover-address')).toMatchObject({ status: 'passed', found: expect.stringContaining('2 servers') as string });

  await primary.waitForStandbys('');
  checks = await preflight(primary.address);
  expect(checks.get('database-durability')).toMatchObject({ status: 'warning', stops: true, found: expect.stringContaining('A failover may lose acknowledged writes: 1 standby streams') as string });
  expect(checks.get('database-failover-address')).toMatchObject({ status: 'warning', found: expect.stringContaining('is the only address that nodes know') as string });

  // a standby that is waited for and gone: commits would hang
  await primary.waitForStandbys('ANY 1 (standby)');
  await standby.service('stop');
  checks = await preflight(both);
  expect(checks.get('database-durability')).toMatchObject({ status: 'warning', found: expect.stringContaining('Commits wait for a standby, and none is connected') as string });
  await standby.service('start');
  await waitFor('the standby to be waited for', async () => (await primary.query("select from pg_stat_replication where sync_state = 'quorum'")).length === 1);
  // nothing can be told about a standby that is asked alone: it is not where nodes may write
  expect((await preflight(standby.address)).get('database')).toMatchObject({ status: 'failed' });
});

it('the host of the primary loses its power: the standby takes over, nothing acknowledged is lost, and the one that comes back is left alone', async () => {
  const runs = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: [...names] });
  expect(runs.map(({ state, failure }) => [state, failure])).toEqual([['done', null], ['done', null]]);
  authorization = await adminOf(lab.host('one'));
  for (let index = 0; index < 30; index += 1) expect((await at(names[index % 2]!).put(`generic-local/f/${String(index)}`, `content ${String(index)}`))?.status).toBe(201);

  await primary.host.losePower();
  await standby.promote();
  const promotedAt = performance.now();
  // by a write, which needs the new primary: for a moment a node takes the one that lost its power for slow
  for (const name of names) await waitFor(`${name} to take writes`, async () => (await at(name).put(`generic-local/back/${name}`, name))?.status === 201, { timeoutMs: recoveryMs, everyMs: 50 });
  console.log(`all nodes take writes ${((performance.now() - promotedAt) / 1000).toFixed(1)} s after the standby was promoted`);
  for (const name of names) {
    for (let index = 0; index < 30; index += 1) await expect.poll(async () => (await at(name).get(`generic-local/f/${String(index)}`))?.text, { message: `${String(index)} at ${name}` }).toBe(`content ${String(index)}`);
  }
  await waitFor('two to take a write', async () => (await at('two').put('generic-local/after', 'after'))?.status === 201, { timeoutMs: recoveryMs });
  await waitFor('the lock of collections', async () => (await at('one').view()).collectionLocked !== null, { timeoutMs: recoveryMs });

  // it boots, takes itself for the primary and takes writes: nobody goes there, not even a node that has just started
  await primary.host.boot();
  await waitFor('the former primary', () => primary.query('select 1').then(() => true), { everyMs: 200 });
  expect(await primary.query('select pg_is_in_recovery() as standby')).toEqual([{ standby: false }]);
  await lab.host('two').run('systemctl', 'restart', 'bulkhead-node');
  await waitFor('two to serve', async () => (await at('two').get('api/system/ping'))?.text === 'OK', { timeoutMs: recoveryMs, everyMs: 100 });
  expect((await at('two').get('generic-local/after'))?.text).toBe('after');
  // one that is just being asked what it is may be seen for a moment
  await expect.poll(() => primary.query("select 1 from pg_stat_activity where application_name like 'bulkhead:%'", databaseName)).toEqual([]);
});
