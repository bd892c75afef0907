import { failed, passed, plannedOf, whenPlanned, type Check } from '../check.ts';

/** What a node would lose. */
const losses = {
  session: 'it drops the limits that sessions are opened with, and hides whose they are, so that those of a dead node could not be ended',
  transaction: 'each transaction runs in another session, so that a node that was fenced could not be kept from committing',
  statement: 'there are no transactions behind it',
} as const;

/** Members are told apart, counted and ended by their sessions: behind a pooler these are not theirs. */
export const databasePooler: Check = {
  id: 'database-pooler',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const look = await context.database();
    if (look.kind !== 'facts') return null;
    if (!look.facts.pooled) return passed('No pooler was seen in front of the database');
    const { host, port } = plannedOf(context).database;
    const { poolMode } = look.facts;
    return failed(`A pooler (such as pgbouncer)${poolMode === null ? '' : ` in ${poolMode} mode`} answers at ${host}:${port} in place of PostgreSQL: ${losses[poolMode ?? 'session']}`,
      'Give the address of PostgreSQL itself: nodes pool connections themselves, within a budget that you set.',
      'Where only the pooler can be reached from this host, let the host through to PostgreSQL (pg_hba.conf, firewall); other programs may go on using the pooler.');
  },
};
