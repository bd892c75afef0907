import { waitFor } from '../../harness/wait-for.ts';
import type { FaultKind } from './fault.ts';

/**
 * Gives the database a standby whose word every commit waits for, kills the primary and promotes the standby. Ends when all nodes serve and
 * a person has confirmed that collection may go on: until then it has to be locked.
 */
export const failOver: FaultKind['begin'] = async ({ cluster, standbyPorts }) => {
  const primary = cluster.postgres;
  const standby = await primary.standby();
  standbyPorts(standby.port);
  const position = (column: string): Promise<Record<string, unknown>[]> => primary.query(
    `select 1 from pg_stat_replication where sync_state = 'sync' and pg_wal_lsn_diff(flush_lsn, ${column}) >= 0`);
  await primary.query("alter system set synchronous_standby_names = '*'");
  await primary.query('select pg_reload_conf()');
  // what was acknowledged before commits waited for it has to be there as well
  const [now] = await primary.query('select pg_current_wal_flush_lsn()::text as lsn');
  await waitFor('the standby to have everything', async () => (await position(`'${String(now?.['lsn'])}'`)).length === 1, { timeoutMs: 30_000 });
  await primary.kill();
  await standby.promote();
  // its copy of the primary brought the slot along, which its own standby will want to make
  await standby.query("select pg_drop_replication_slot('standby')");
  cluster.followTo(standby);
  await primary.stop();
  return async () => {
    const { collectionLocked } = await cluster.until('the nodes to see another database', (view) => view.collectionLocked !== null, { timeoutMs: 90_000 });
    if (collectionLocked === null) return;
    await waitFor('the confirmation', async () => {
      const answers = await Promise.all(cluster.nodes.map(({ client }) => client.post('/api/v1/cluster/collection/unlock', { confirm: true }).then(({ status }) => status, () => 0)));
      return answers.includes(200);
    }, { timeoutMs: 60_000 });
  };
};
