import { z } from 'zod';
import type { LanCluster, UninformedNode } from '../../contract/index.ts';
import { lastDoneTargets, type State } from '../state/index.ts';

const told = z.object({ baseUrl: z.string(), trustedProxies: z.array(z.string()) });
/** What a node says of its own configuration about clients. */
export type ClientSettings = z.infer<typeof told>;

/**
 * Nodes whose configuration is not what the cluster's has become: another public address, a proxy that is not trusted, or one that is and should not
 * be any more. They go by their own until they are provisioned again. What a node says itself counts; of one that says nothing, what this desktop
 * gave it last; one of which neither is known is left out. In the order of their ids, whichever joined first.
 * @param heard by the ids of the nodes
 */
export function uninformedNodes(state: State, { clusterId, settings, nodes }: LanCluster, heard: ReadonlyMap<string, ClientSettings>, nameOf: (hostId: string) => string): UninformedNode[] {
  const targets = new Map(lastDoneTargets(state, clusterId).map(({ nodeId, target }) => [nodeId, target]));
  return nodes.toSorted((a, b) => a.nodeId.localeCompare(b.nodeId)).flatMap(({ nodeId, hostId }) => {
    const { success, data } = told.safeParse(heard.get(nodeId) ?? JSON.parse(targets.get(nodeId) ?? '{}'));
    if (!success) return [];
    const untrusted = settings.trustedProxies.filter((each) => !data.trustedProxies.includes(each));
    const stale = data.trustedProxies.filter((each) => !settings.trustedProxies.includes(each));
    const address = data.baseUrl === (settings.baseUrl ?? data.baseUrl);
    return address && untrusted.length + stale.length === 0 ? [] : [{ nodeId, hostId, host: nameOf(hostId), baseUrl: data.baseUrl, untrusted, stale }];
  });
}
