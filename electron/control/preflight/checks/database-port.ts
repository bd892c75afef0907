import { failed, passed, plannedOf, warning, whenPlanned, type Check } from '../check.ts';

/** A connection from the host, before anything is installed there; the node itself signs in before it is started. */
export const databasePort: Check = {
  id: 'database-port',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const { host, port } = plannedOf(context).database;
    const shell = await context.probe('sh', '-c', 'command -v bash');
    if (shell.exitCode !== 0) return warning('There is no bash to try the connection with; it is tried later, by the node itself');
    const { exitCode } = await context.probe('timeout', '5', 'bash', '-c', 'exec 3<> "/dev/tcp/$1/$2"', 'bash', host, String(port));
    if (exitCode === 0) return passed(`${host}:${port} answers`);
    const reason = exitCode === 124 ? 'does not answer within 5 s: a firewall may be in between' : 'refuses the connection, or its name is not known here';
    return failed(`From this host ${host}:${port} ${reason}`,
      'Let the server listen on its address: listen_addresses in postgresql.conf, and a line for this host in pg_hba.conf.',
      `Open port ${port} in the firewall between the two.`);
  },
};
