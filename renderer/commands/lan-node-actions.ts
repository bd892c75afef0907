import type { Topology, TopologyNode } from '../../electron/contract/index.ts';
import { nodeState } from '../format/states.ts';
import type { Action } from './action.ts';
import { isLastServing, lossOf } from './node-loss.ts';
import { servingActions } from './serving-actions.ts';

export interface LanNodeOptions {
  readonly blocked: string | null;
  /** in maintenance at present */
  readonly resting: boolean;
  /** opens the form that asks until when */
  readonly ask: (node: { clusterId: string; nodeId: string; master: boolean }) => void;
}

/** Everything that can be done with a node on a host, most useful first. */
export function lanNodeActions(node: TopologyNode, picture: Topology, { blocked, resting, ask }: LanNodeOptions): Action[] {
  const { nodeId } = node;
  const { clusterId } = picture;
  const subject = `node:${nodeId}`;
  const { word } = nodeState(node);
  const hostAnswers = node.host?.reachability === 'reachable';
  const noHost = hostAnswers ? null : 'Its host does not answer';
  const host = node.host?.name ?? 'its host';
  const alone = isLastServing(node, picture) ? 'No other node serves: start another one first' : null;
  const actions: Action[] = resting ? [] : servingActions(node, picture, blocked);

  actions.push(resting ? {
    id: `maintenance.end:${nodeId}`, subject, label: 'End maintenance', progress: `Ending the maintenance of ${nodeId}`, tone: 'primary', blocked, question: null,
    explanation: `${nodeId} serves again, and its alerts are told again.`,
    run: (client, signal) => client.call('maintenance.end', { clusterId, nodeId }, { signal }),
  } : {
    id: `maintenance.start:${nodeId}`, subject, label: 'Maintenance…', progress: `Putting ${nodeId} into maintenance`, tone: 'normal', blocked: blocked ?? alone, question: null,
    explanation: `Drains ${nodeId} and mutes its alerts until a time that you choose; it ends by itself.`,
    run: () => {
      ask({ clusterId, nodeId, master: node.isMaster });
      return Promise.resolve();
    },
  });
  actions.push({
    id: `nodes.restart:${nodeId}`, subject, label: 'Restart', progress: `Restarting ${nodeId}`, tone: 'normal', blocked: blocked ?? noHost ?? alone,
    explanation: `Drains ${nodeId}, restarts its service, proves that it works, and lets it serve again.`,
    question: {
      title: `Restart ${nodeId}?`,
      does: [`${nodeId} leaves the balancer and finishes what is under way. Its service on ${host} is restarted, proven by a test artifact, and taken back in.`, ...(node.isMaster ? ['It is the master: another node takes over first.'] : [])],
      breaks: lossOf(node, picture, false), confirm: `Restart ${nodeId}`,
    },
    run: (client, signal) => client.call('nodes.restart', { clusterId, nodeId }, { signal }),
  });
  actions.push({
    id: `nodes.remove:${nodeId}`, subject, label: 'Remove', progress: `Removing ${nodeId}`, tone: 'danger', blocked: blocked ?? noHost ?? (picture.nodes.length === 1 ? 'The last node cannot be removed' : null),
    explanation: `Drains ${nodeId}, takes it out of the cluster, and removes from ${host} what was installed there.`,
    question: {
      title: `Remove ${nodeId} from ${host}?`,
      does: [
        `${nodeId} is drained and leaves the cluster: its connections go back to the budget, and the balancer leaves it out.`,
        `On ${host}, the service, its releases, its configuration and its user are removed, and nothing else. The filestore is not touched.`,
      ],
      breaks: lossOf(node, picture, false), confirm: `Remove ${nodeId}`, typed: nodeId,
    },
    run: (client, signal) => client.call('nodes.remove', { clusterId, nodeId }, { signal }),
  });
  if (word !== 'serving') {
    actions.push({
      id: `nodes.forget:${nodeId}`, subject, label: 'Forget', progress: `Forgetting ${nodeId}`, tone: 'danger', blocked: blocked ?? (hostAnswers ? `${host} answers: remove the node instead` : null),
      explanation: `For a host that is gone for good: ${nodeId} is fenced, so that it cannot come back unasked.`,
      question: {
        title: `Forget ${nodeId}?`,
        does: [`${nodeId} is taken out of the cluster without its host: its connections are free, and the balancer leaves it out.`, `It is fenced: if ${host} comes back, its node is refused until it is provisioned again.`],
        breaks: [`What is installed on ${host} stays there: nobody can reach it to clean up.`], confirm: `Forget ${nodeId}`, typed: nodeId,
      },
      run: (client, signal) => client.call('nodes.forget', { clusterId, nodeId }, { signal }),
    });
  }
  return actions;
}
