import { passed, risk, warning, whenPlanned, type Check } from '../check.ts';

/** Whether the database keeps what it has acknowledged: after a crash, and after a failover to a standby. */
export const databaseDurability: Check = {
  id: 'database-durability',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const look = await context.database();
    if (look.kind !== 'facts') return null;
    const { fsync, synchronousCommit, synchronousStandbys, standbys } = look.facts.durability;
    if (!fsync) return risk('fsync is off: a power cut can destroy the database with everything in it', 'Set fsync = on in postgresql.conf, and reload the server.');
    if (synchronousCommit === 'off') return risk('synchronous_commit is off: a crash of the server loses writes that were acknowledged', 'ALTER ROLE … SET synchronous_commit = on');
    const waits = synchronousStandbys.trim() !== '' && synchronousCommit !== 'local';
    if (standbys === 0) {
      return waits ? warning('Commits wait for a standby, and none is connected: they will not end', 'Start the standby, or clear synchronous_standby_names.')
        : passed('Commits are on disk before they are acknowledged; there is no standby');
    }
    if (waits) return passed(`Commits wait for a standby (synchronous_standby_names = ${synchronousStandbys}): a failover loses nothing that was acknowledged`);
    const why = synchronousCommit === 'local' ? 'synchronous_commit is local' : 'synchronous_standby_names is empty';
    return risk(`A failover may lose acknowledged writes: ${standbys} standby${standbys === 1 ? ' streams' : 's stream'}, and no commit waits for one (${why})`,
      "Name one in synchronous_standby_names, for example 'ANY 1 (*)', and set synchronous_commit = on.");
  },
};
