import { databaseServers, serverAddress } from '../../../../server-bundle/contract/index.ts';
import { passed, plannedOf, warning, whenPlanned, type Check } from '../check.ts';

/** After a failover the server that may write has to be among the addresses that nodes know. */
export const databaseFailoverAddress: Check = {
  id: 'database-failover-address',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const look = await context.database();
    const { host, port } = plannedOf(context).database;
    if (look.kind !== 'facts') return null;
    if (look.facts.durability.standbys === 0) return passed('There is no other server that could take over');
    const servers = databaseServers(host, port) ?? [];
    const all = look.facts.durability.standbys + 1;
    if (servers.length >= all) return passed(`Nodes know ${String(servers.length)} servers of the database (${servers.map(serverAddress).join(', ')}) and use the one that may write`);
    if (servers.length > 1) {
      return warning(`Nodes know ${String(servers.length)} servers of the database, and it has ${String(all)}: one that is not named may become the primary`,
        'Name all of them as the database host, separated by commas.');
    }
    return warning(`${host}:${port} is the only address that nodes know of the database, and it has standbys: after a failover the new primary has to be reached there`,
      'Name all servers as the database host, separated by commas: nodes find the one that may write. Or give an address that moves with the primary: a virtual IP, a DNS name with a short life, or a TCP proxy that asks who is primary.');
  },
};
