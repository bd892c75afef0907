import { isIPv4 } from 'node:net';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { LanCluster } from '../../contract/index.ts';
import type { NodeTarget } from './target.ts';

interface TargetHost {
  readonly hostId: string;
  readonly name: string;
  readonly address: string;
}

/** Where a node on this host is reached. */
export function nodeUrl(address: string, port: number): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** @throws ARGUMENT_INVALID for what a URL cannot hold, a zone of IPv6 for example: neither other nodes nor clients could use it */
export function requireNodeUrl<T extends Pick<NodeTarget, 'url'>>(target: T): T {
  if (URL.canParse(target.url)) return target;
  throw new BulkheadError('ARGUMENT_INVALID', `"${target.url}" cannot be the address of a node`, { hint: 'Give its host an address or a name that other hosts reach it by:  bulkhead host edit HOST --address user@address' });
}

/** What is to be on one host. A node is called like its host was when it got there: it keeps its name when the host is called otherwise. */
export function targetFor({ clusterId, settings, nodes }: LanCluster, host: TargetHost, release: NodeTarget['release'], baseUrl: string): NodeTarget {
  const name = nodes.find(({ hostId }) => hostId === host.hostId)?.nodeId ?? host.name;
  const taken = nodes.find(({ nodeId, hostId }) => nodeId === name && hostId !== host.hostId);
  if (taken !== undefined) throw new BulkheadError('NODE_ID_IN_USE', `The cluster has a node "${name}" on another host`);
  return {
    clusterId, clusterName: settings.name, nodeId: name, hostId: host.hostId,
    url: nodeUrl(host.address, settings.nodePort),
    // a name may stand for either kind of address: the node takes both, and IPv4 alone where its host knows nothing else
    listen: { host: isIPv4(host.address) ? '0.0.0.0' : '::', port: settings.nodePort },
    baseUrl,
    database: settings.database,
    filestore: settings.filestore,
    trustedProxies: settings.trustedProxies,
    serviceUid: settings.serviceUid, serviceGid: settings.serviceGid,
    drainNoticeMs: settings.drainNoticeMs, drainDeadlineMs: settings.drainDeadlineMs,
    peerUrl: nodes.find(({ hostId }) => hostId !== host.hostId)?.url ?? null,
    acceptWarnings: [],
    joining: [],
    release,
  };
}
