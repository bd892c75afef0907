import type { Balancer, ResultOf, Topology, TopologyNode } from '../../electron/contract/index.ts';

type Shown = NonNullable<Topology['balancer']>;
type Status = ResultOf<'balancers.status'>;

/**
 * The balancer of a cluster on hosts as a part of the picture. What it sends to each node is what the nodes say that they
 * get; whether it runs is what its host said last, and "unknown" where nobody could ask.
 */
export function lanBalancer(balancer: Balancer, status: Status | null, nodes: readonly TopologyNode[]): Shown {
  // a host that does not answer this app may balance all the same: clients reach it another way
  const state: Shown['state'] = status === null || status.state === 'unreachable' || status.running === null ? 'unknown' : status.running ? 'serving' : 'stopped';
  const isKnown = state !== 'unknown';
  const known = new Map(status === null || status.backends.length === 0
    ? balancer.appliedBackends.map(({ nodeId, state: applied }) => [nodeId, applied] as const)
    : status.backends.map(({ nodeId, onHost }) => [nodeId, onHost] as const));
  return {
    kind: balancer.product, url: balancer.url, state, sticky: balancer.options.sticky, freshness: isKnown ? 'live' : 'unknown',
    backends: nodes.flatMap(({ nodeId, reported, freshness }) => {
      const told = known.get(nodeId) ?? null;
      const rates = isKnown && freshness === 'live' ? reported?.rates ?? null : null;
      return told === null ? [] : [{ nodeId, health: !isKnown ? 'unknown' as const : told === 'draining' ? 'draining' as const : 'up' as const, requestsPerSecond: rates?.requestsPerSecond ?? 0, bytesPerSecond: rates === null ? 0 : rates.bytesInPerSecond + rates.bytesOutPerSecond }];
    }),
  };
}
