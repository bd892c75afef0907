import type { DemoNodeAction, Topology, TopologyNode } from '../../electron/contract/index.ts';
import { nodeState } from '../format/states.ts';
import type { Action, Question } from './action.ts';
import { lossOf } from './node-loss.ts';
import { servingActions } from './serving-actions.ts';

/** Everything that can be done with one node now, most useful first. Actions that make no sense in its state are left out. */
export function nodeActions(node: TopologyNode, picture: Topology, blocked: string | null): Action[] {
  const { nodeId } = node;
  const subject = `node:${nodeId}`;
  const { word } = nodeState(node);
  const isDemo = picture.kind === 'demo';
  const stopped = word === 'stopped';
  const frozen = word === 'frozen';
  const actions: Action[] = [];

  const demo = (action: DemoNodeAction, label: string, progress: string, explanation: string, tone: Action['tone'], question: Question | null): Action => ({
    id: `node.${action}:${nodeId}`, subject, label, progress, explanation, tone, blocked, question,
    run: (client, signal) => client.call('demo.node', { nodeId, action }, { signal }),
  });

  if (isDemo && stopped) actions.push(demo('start', 'Start', `Starting ${nodeId}`, `Starts ${nodeId} as a new incarnation.`, 'primary', null));
  if (isDemo && frozen) actions.push(demo('thaw', 'Thaw', `Thawing ${nodeId}`, 'Lets the process run on (SIGCONT). It finds out by itself what it has missed.', 'primary', null));

  actions.push(...servingActions(node, picture, blocked));
  if (!isDemo) return actions;

  if (!stopped && !frozen) {
    actions.push(demo('restart', 'Restart', `Restarting ${nodeId}`, 'Stops the node and starts it again, as a new incarnation.', 'normal', {
      title: `Restart ${nodeId}?`,
      does: [`${nodeId} is told to stop: it leaves the balancer, finishes what is under way, and starts again as a new incarnation.`],
      breaks: lossOf(node, picture, false),
      confirm: `Restart ${nodeId}`,
    }));
    actions.push(demo('freeze', 'Freeze', `Freezing ${nodeId}`, 'Stops the process in its tracks (SIGSTOP), as a hanging machine would.', 'danger', {
      title: `Freeze ${nodeId}?`,
      does: [`The process of ${nodeId} is stopped in its tracks (SIGSTOP): its connections stay open and nobody answers on them.`],
      breaks: [...lossOf(node, picture, false), ...(node.isMaster ? ['This is the master: its silence is believed only after the lease has run out, a few seconds later than after a kill.'] : []), 'Requests under way here wait until the balancer gives up on them.'],
      confirm: `Freeze ${nodeId}`,
    }));
  }
  if (!stopped) {
    actions.push(demo('kill', 'Kill', `Killing ${nodeId}`, 'Ends the process at once (SIGKILL), as a crash would.', 'danger', {
      title: `Kill ${nodeId}?`,
      does: [`The process of ${nodeId} ends at once (SIGKILL), as in a crash. It stays down until you start it again.`],
      breaks: lossOf(node, picture, true),
      confirm: `Kill ${nodeId}`,
    }));
  }
  actions.push({
    ...demo('remove', 'Remove', `Removing ${nodeId}`, `Takes ${nodeId} out of the cluster and gives its connections back.`, 'danger', {
      title: `Remove ${nodeId}?`,
      does: [stopped ? `${nodeId} is forgotten; its connections go back to the budget.` : `${nodeId} is drained and stopped, and then forgotten; its connections go back to the budget.`, 'Artifacts are not touched: they lie in the database and the filestore.'],
      breaks: lossOf(node, picture, false),
      confirm: `Remove ${nodeId}`,
    }),
    blocked: blocked ?? (picture.nodes.length === 1 ? 'The last node cannot be removed; stop the demo cluster instead' : null),
  });
  return actions;
}
