import { failed, passed, plannedOf, warning, whenPlanned, type Check } from '../check.ts';

/** The sign-in that the node will make: by name, with its password, from where it will run. */
export const database: Check = {
  id: 'database',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const { host, port, user } = plannedOf(context).database;
    const look = await context.database();
    if (look.kind === 'refused') return failed(look.found, look.fix);
    if (look.kind === 'later') return warning(`Nobody can sign in from this host yet: ${look.reason}. The node does before it is started.`, 'Allow TCP forwarding in its sshd_config (AllowTcpForwarding yes) to know now.');
    return passed(`PostgreSQL ${look.facts.serverVersion} at ${host}:${port} lets "${user}" in from this host${look.facts.hasSchema ? ', and holds a cluster' : ''}`);
  },
};
