import { failed, passed, plannedOf, warning, type Check, type CheckContext } from '../check.ts';
import { endpointOf, tryTcp } from '../tcp.ts';

/** Nodes talk to each other: those that serve already have to be reachable from here. */
export const peerPort: Check = {
  id: 'peer-port',
  category: 'network',
  applicable: (context) => context.planned !== null && peersOf(context).length > 0,
  async check(context) {
    const missing: string[] = [];
    for (const url of peersOf(context)) {
      const { host, port } = endpointOf(url);
      const answer = await tryTcp(context.probe, host, port);
      if (answer === 'no bash') return warning('There is no bash to try connections with');
      if (answer !== 'answers') missing.push(`${host}:${port} ${answer === 'silent' ? 'does not answer' : 'refuses'}`);
    }
    if (missing.length === 0) return passed(`The nodes that serve can be reached: ${peersOf(context).map((url) => endpointOf(url).host).join(', ')}`);
    const { port } = plannedOf(context).listen;
    return failed(`From this host nodes cannot be reached: ${missing.join(', ')}`, `Open the port on those hosts, for example: firewall-cmd --add-port=${port}/tcp --permanent && firewall-cmd --reload`);
  },
};

function peersOf({ planned, others }: CheckContext): string[] {
  const known = others.flatMap(({ role, url }) => (role === 'node' && url !== null ? [url] : []));
  const peer = planned?.peerUrl ?? null;
  return known.length > 0 || peer === null ? known : [peer];
}
