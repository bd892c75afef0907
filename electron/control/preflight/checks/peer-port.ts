import { failed, passed, plannedOf, warning, type Check } from '../check.ts';

/** Nodes talk to each other: one that serves already has to be reachable from here. */
export const peerPort: Check = {
  id: 'peer-port',
  category: 'network',
  applicable: ({ planned }) => planned !== null && planned.peerUrl !== null,
  async check(context) {
    const { hostname, port } = new URL(plannedOf(context).peerUrl ?? '');
    const address = hostname.replace(/^\[|\]$/g, '');
    const shell = await context.probe('sh', '-c', 'command -v bash');
    if (shell.exitCode !== 0) return warning('There is no bash to try the connection with');
    const { exitCode } = await context.probe('timeout', '5', 'bash', '-c', 'exec 3<> "/dev/tcp/$1/$2"', 'bash', address, port || '80');
    if (exitCode === 0) return passed(`The node at ${hostname}:${port} answers`);
    return failed(`From this host the node at ${hostname}:${port} cannot be reached`, `Open the port on that host, for example: firewall-cmd --add-port=${port}/tcp --permanent && firewall-cmd --reload`);
  },
};
