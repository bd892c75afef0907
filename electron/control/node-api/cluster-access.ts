import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { NodeApi } from './node-api.ts';
import type { Credentials } from './node-connection.ts';

export interface NodeAddress {
  readonly nodeId: string;
  readonly url: string;
}

/** How the control room reaches a cluster: the demo on this machine, or hosts elsewhere. */
export interface ClusterAccess {
  readonly clusterId: string;
  readonly name: string;
  readonly kind: 'demo' | 'lan';
  /** nodes that may answer; empty while the cluster is off */
  nodes(): Promise<readonly NodeAddress[]>;
  credentials(): Promise<Credentials | null>;
}

/** Codes that say nothing about the question, only about the node that was asked. */
const otherNodeMayAnswer = new Set(['CLUSTER_UNREACHABLE', 'NOT_SERVING', 'DATABASE_UNAVAILABLE', 'DRAINING', 'OVERLOADED', 'NO_MASTER']);

/** Asks one node after the other until one can answer; `preferred` first. Throws what the last one said. */
export async function askAnyNode<T>(
  access: ClusterAccess, agent: Dispatcher, ask: (node: NodeApi) => Promise<T>, preferred?: string | null,
): Promise<T> {
  const credentials = await access.credentials();
  const addresses = [...await access.nodes()].sort((a, b) => Number(b.nodeId === preferred) - Number(a.nodeId === preferred));
  let failure = new BulkheadError('CLUSTER_UNREACHABLE');
  for (const address of addresses) {
    try {
      return await ask(new NodeApi(address, credentials, agent));
    } catch (error) {
      if (!(error instanceof BulkheadError) || !otherNodeMayAnswer.has(error.code)) throw error;
      failure = error;
    }
  }
  throw failure;
}
