import { failed, passed, plannedOf, warning, type Check, type CheckContext, type OtherHost } from '../check.ts';
import { endpointOf, reachFix, tcpWords, tryTcp, type TcpAnswer } from '../tcp.ts';

/** Nodes talk to each other: those that serve already have to be reachable from here. */
export const peerPort: Check = {
  id: 'peer-port',
  category: 'network',
  applicable: (context) => context.planned !== null && peersOf(context).length > 0,
  async check(context) {
    const missing: string[] = [];
    const answers = new Set<TcpAnswer>();
    const down: string[] = [];
    for (const url of peersOf(context)) {
      const { host, port } = endpointOf(url);
      const answer = await tryTcp(context.probe, host, port);
      if (answer === 'no bash') return warning('There is no bash to try connections with');
      answers.add(answer);
      const peer = context.others.find((other) => other.url === url);
      if (answer !== 'answers' && peer !== undefined && !await listens(peer, port)) down.push(peer.name);
      else if (answer !== 'answers') missing.push(`${host}:${port} ${tcpWords[answer]}`);
    }
    if (missing.length === 0 && down.length > 0) return warning(`Whether ${down.join(', ')} can be reached is not known: no node listens there at present`, 'Start it and check again; the others are enough to join.');
    if (missing.length === 0) return passed(`The nodes that serve can be reached: ${peersOf(context).map((url) => endpointOf(url).host).join(', ')}`);
    return failed(`From this host nodes cannot be reached: ${missing.join(', ')}`, reachFix(answers, plannedOf(context).listen.port));
  },
};

/** A node that is stopped is its own affair; one that listens and cannot be reached is a firewall's. */
async function listens({ probe }: OtherHost, port: number): Promise<boolean> {
  return (await probe('ss', '-Hltn', `sport = :${port}`)).stdout.trim() !== '';
}

function peersOf({ planned, others }: CheckContext): string[] {
  const known = others.flatMap(({ role, url }) => (role === 'node' && url !== null ? [url] : []));
  const peer = planned?.peerUrl ?? null;
  return known.length > 0 || peer === null ? known : [peer];
}
