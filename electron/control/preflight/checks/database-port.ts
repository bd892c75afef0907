import { failed, passed, plannedOf, warning, whenPlanned, type Check } from '../check.ts';
import { tryTcp } from '../tcp.ts';

/** A connection from the host, before anything is installed there. */
export const databasePort: Check = {
  id: 'database-port',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const { host, port } = plannedOf(context).database;
    const answer = await tryTcp(context.probe, host, port);
    if (answer === 'answers') return passed(`${host}:${port} answers`);
    if (answer === 'no bash') return warning('There is no bash to try the connection with; it is tried later, by the node itself');
    const reason = answer === 'silent' ? 'does not answer within 5 s: a firewall may be in between' : 'refuses the connection, or its name is not known here';
    return failed(`From this host ${host}:${port} ${reason}`,
      'Let the server listen on its address: listen_addresses in postgresql.conf, and a line for this host in pg_hba.conf.',
      `Open port ${port} in the firewall between the two.`);
  },
};
