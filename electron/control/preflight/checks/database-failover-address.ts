import { passed, plannedOf, warning, whenPlanned, type Check } from '../check.ts';

/** Nodes know one address: after a failover the server that may write has to be there. */
export const databaseFailoverAddress: Check = {
  id: 'database-failover-address',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const look = await context.database();
    const { host, port } = plannedOf(context).database;
    if (look.kind !== 'facts') return null;
    if (look.facts.durability.standbys === 0) return passed('There is no other server that could take over');
    return warning(`${host}:${port} is the only address that nodes know of the database, and it has standbys: after a failover the new primary has to be reached there`,
      'Give an address that moves with the primary: a virtual IP, a DNS name with a short life, or a TCP proxy that asks who is primary.');
  },
};
