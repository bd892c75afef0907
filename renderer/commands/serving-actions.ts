import type { Topology, TopologyNode } from '../../electron/contract/index.ts';
import { nodeState } from '../format/states.ts';
import type { Action } from './action.ts';
import { lossOf } from './node-loss.ts';

/** Out of the balancer, back into it, and mastership: the same for a node of the demo and one on a host. */
export function servingActions(node: TopologyNode, picture: Topology, blocked: string | null): Action[] {
  const { nodeId } = node;
  const { clusterId } = picture;
  const subject = `node:${nodeId}`;
  const { word } = nodeState(node);
  const actions: Action[] = [];
  if (word === 'serving') {
    const losses = lossOf(node, picture, false);
    actions.push({
      id: `node.drain:${nodeId}`, subject, label: 'Drain', progress: `Draining ${nodeId}`, tone: 'primary', blocked,
      explanation: `Takes ${nodeId} out of the balancer and finishes what is under way; no client sees it.`,
      question: losses.length === 0 ? null : { title: `Drain ${nodeId}?`, does: [`${nodeId} stops taking requests, finishes what is under way, and stays in the cluster until it is taken back in.`], breaks: losses, confirm: `Drain ${nodeId}` },
      run: (client, signal) => client.call('node.drain', { clusterId, nodeId }, { signal }),
    });
  }
  const leaving = [node.reported?.desired, word].some((state) => state === 'draining' || state === 'drained');
  if (leaving) {
    actions.push({
      id: `node.undrain:${nodeId}`, subject, label: 'Undrain', progress: `Taking ${nodeId} back in`, tone: 'primary', blocked, question: null,
      explanation: `${nodeId} serves again; the balancer sends it requests as soon as its ping answers.`,
      run: (client, signal) => client.call('node.undrain', { clusterId, nodeId }, { signal }),
    });
  }
  if (word === 'serving' && !node.isMaster) {
    actions.push({
      id: `node.handOver:${nodeId}`, subject, label: 'Hand over here', progress: `Handing over to ${nodeId}`, tone: 'normal', blocked, question: null,
      explanation: picture.master === null ? `${nodeId} becomes the master.` : `${nodeId} becomes the master, with epoch ${picture.master.epoch + 1}; ${picture.master.nodeId} goes on serving.`,
      run: (client, signal) => client.call('failover.handOver', { clusterId, to: nodeId }, { signal }),
    });
  }
  return actions;
}
