import type { Topology, TopologyNode } from '../../electron/contract/index.ts';
import { countOf } from '../format/numbers.ts';
import { nodeState } from '../format/states.ts';

/** Whether it is the only one that serves. */
export function isLastServing(node: TopologyNode, picture: Topology): boolean {
  const serving = picture.nodes.filter((other) => nodeState(other).word === 'serving');
  return serving.length === 1 && serving[0]?.nodeId === node.nodeId;
}

/** What the node's part in the cluster makes of its loss, in sentences. */
export function lossOf(node: TopologyNode, picture: Topology, sudden: boolean): string[] {
  const losses: string[] = [];
  if (isLastServing(node, picture)) losses.push('No other node serves: every request through the balancer fails until one does.');
  const inFlight = node.reported?.inFlight ?? 0;
  if (sudden) {
    const open = inFlight > 0 ? `${countOf(inFlight, 'request')} under way here` : 'Requests under way here';
    losses.push(`${open} lose their connection. The balancer repeats reads, deletes and uploads up to 64 MiB on another node; larger uploads fail.`);
  }
  if (node.isMaster && sudden) losses.push('This is the master: no cluster-wide task runs until another node has taken over.');
  return losses;
}
