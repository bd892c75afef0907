import type { LanCluster } from '../contract/index.ts';
import type { HostLinks } from './host-link/index.ts';
import type { ClusterAccess } from './node-api/index.ts';
import type { HostSight, LocalSight } from './supervise/index.ts';

/** Hosts by id, as the inventory names them. */
export type HostNames = ReadonlyMap<string, { readonly name: string; readonly address: string }>;

/** Longest wait for the first way to a node, milliseconds: a program that asks once has no connection yet. */
const firstWayMs = 12_000;

/** What is known of a cluster on hosts without asking its nodes: the inventory, and what the hosts say. */
export function lookAtLan({ nodes }: LanCluster, hosts: HostNames, links: HostLinks): LocalSight {
  const sights = nodes.map(({ nodeId, hostId, url }): [string, HostSight] => {
    const { name, address } = hosts.get(hostId) ?? { name: nodeId, address: new URL(url).hostname };
    return [nodeId, { hostId, name, address, link: links.link(hostId).state.value, api: links.road(hostId, url).api }];
  });
  return {
    lifecycle: nodes.length === 0 ? 'off' : 'running', failure: null,
    inventory: nodes.map(({ nodeId, url }) => ({ nodeId, url })),
    processes: new Map(), hosts: new Map(sights), databaseProcess: null, balancer: null,
  };
}

/** How a cluster on hosts is asked. @param present as the inventory has it now */
export function lanAccess(clusterId: string, name: string, present: () => LanCluster, links: HostLinks, password: () => Promise<string | undefined>): ClusterAccess {
  return {
    clusterId, name, kind: 'lan',
    nodes: async () => {
      const { nodes } = present();
      await someWay(nodes.map(({ hostId, url }) => links.road(hostId, url).ready()));
      return nodes.map(({ nodeId, url }) => ({ nodeId, url }));
    },
    credentials: async () => {
      const secret = await password();
      return secret === undefined ? null : { user: 'admin', password: secret };
    },
  };
}

/** Resolves as soon as one of the ways is open, when all have failed, or when it takes too long: then the question itself says what is wrong. */
async function someWay(ways: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, firstWayMs); });
  await Promise.race([Promise.any(ways).catch(() => undefined), late]).finally(() => { clearTimeout(timer); });
}
