import { failed, passed, plannedOf, whenPlanned, type Check } from '../check.ts';

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
    return failed(`A pooler (such as pgbouncer) answers at ${host}:${port} in place of PostgreSQL: sessions are not the node's own there`,
      'Give the address of PostgreSQL itself: nodes pool connections themselves, within a budget.');
  },
};
