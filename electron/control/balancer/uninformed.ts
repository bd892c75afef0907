import { z } from 'zod';
import type { Balancer, LanCluster } from '../../contract/index.ts';
import { lastDoneTargets, type State } from '../state/index.ts';

const provisioned = z.object({ baseUrl: z.string(), trustedProxies: z.array(z.string()) });

/**
 * Nodes that were provisioned before their cluster had this public address or trusted these proxies: they name another address in what they answer until
 * they are provisioned again. Of a node that another desktop has made nothing is known.
 */
export function uninformedNodes(state: State, { clusterId, settings, nodes }: LanCluster, nameOf: (hostId: string) => string): Balancer['uninformedNodes'] {
  const targets = new Map(lastDoneTargets(state, clusterId).map(({ nodeId, target }) => [nodeId, target]));
  return nodes.flatMap(({ nodeId, hostId }) => {
    const { success, data } = provisioned.safeParse(JSON.parse(targets.get(nodeId) ?? '{}'));
    if (!success) return [];
    const isTold = data.baseUrl === (settings.baseUrl ?? data.baseUrl) && settings.trustedProxies.every((each) => data.trustedProxies.includes(each));
    return isTold ? [] : [{ nodeId, hostId, host: nameOf(hostId), baseUrl: data.baseUrl }];
  });
}
