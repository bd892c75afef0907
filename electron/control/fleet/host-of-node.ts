import type { HostSummary } from '../../contract/index.ts';

type Host = Omit<HostSummary, 'node'>;

export interface NodeOfCluster {
  readonly nodeId: string;
  /** where the other nodes reach it */
  readonly address: string;
  /** as this app knows the cluster; null when it does not */
  readonly clusterId: string | null;
}

/**
 * The host of a node, among those that are known: by its address, else by its name, because it may be reached for SSH at another one. A host that carries
 * a node of another cluster is another machine, whatever it is called: names and private addresses come again at other sites.
 */
export function hostOfNode(hosts: readonly Host[], nodeOn: (hostId: string) => { readonly clusterId: string } | null, { nodeId, address, clusterId }: NodeOfCluster): Host | undefined {
  const free = hosts.filter(({ hostId }) => (nodeOn(hostId)?.clusterId ?? clusterId) === clusterId);
  return free.find((host) => host.address === address) ?? free.find((host) => host.name === nodeId);
}

/** A name for the host of a node that is not taken yet: the node's, else with its cluster behind it. */
export function freeHostName(hosts: readonly Pick<Host, 'name'>[], nodeId: string, cluster: string): string {
  const isFree = (name: string): boolean => hosts.every((host) => host.name !== name);
  if (isFree(nodeId)) return nodeId;
  for (let count = 1; ; count += 1) {
    const end = count === 1 ? '' : `-${String(count)}`;
    const name = `${`${nodeId}-${cluster}`.slice(0, 63 - end.length).replace(/[.-]+$/, '')}${end}`;
    if (isFree(name)) return name;
  }
}
