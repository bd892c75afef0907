import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { LanCluster } from '../contract/index.ts';
import type { DrillHands } from './failover/index.ts';
import type { HostLinks } from './host-link/index.ts';
import { askAnyNode } from './node-api/index.ts';
import { unitName } from './provision/index.ts';
import type { ClusterWatch } from './supervise/index.ts';

const restoreMs = 120_000;
const lookMs = 500;

/** A drill on hosts: SIGKILL through the service manager, which starts the node again by itself. */
export async function lanDrillHands(cluster: LanCluster, watch: ClusterWatch, links: HostLinks, agent: Dispatcher, signal: AbortSignal): Promise<DrillHands> {
  const { master, nodes } = await askAnyNode(watch.access, agent, (node) => node.view(signal));
  const { baseUrl } = cluster.settings;
  // an address that is the master's own would say nothing about the others
  const other = nodes.find(({ nodeId, observed }) => observed === 'serving' && nodeId !== master?.nodeId)?.url;
  const isBalanced = baseUrl !== undefined && !cluster.nodes.some(({ url }) => new URL(url).host === new URL(baseUrl).host);
  const before = new Map(nodes.map(({ nodeId, incarnation }) => [nodeId, incarnation]));
  const hostOf = (nodeId: string): string => {
    const node = cluster.nodes.find((known) => known.nodeId === nodeId);
    if (node === undefined) throw new BulkheadError('NODE_NOT_FOUND', `The master ${nodeId} is on no host of this app`);
    return node.hostId;
  };
  return {
    balancerUrl: isBalanced ? baseUrl : other ?? baseUrl ?? '',
    kill: async (nodeId) => {
      const session = await links.link(hostOf(nodeId)).session();
      watch.noteAct(nodeId, 'killed in a drill');
      const sentAt = performance.now();
      const { exitCode, stderr } = await session.run({ argv: ['systemctl', 'kill', '--kill-who=main', '--signal=SIGKILL', unitName] }, { sudo: true, signal });
      if (exitCode !== 0) throw new BulkheadError('STEP_FAILED', 'The node could not be killed', { details: { exitCode, stderr: stderr.slice(-500) } });
      return sentAt;
    },
    restore: async (nodeId) => {
      const until = performance.now() + restoreMs;
      while (performance.now() < until) {
        const node = await askAnyNode(watch.access, agent, (api) => api.view()).then((view) => view.nodes.find((each) => each.nodeId === nodeId), () => undefined);
        if (node?.observed === 'serving' && node.incarnation !== before.get(nodeId)) return;
        await new Promise((resolve) => { setTimeout(resolve, lookMs); });
      }
      throw new BulkheadError('STEP_FAILED', `${nodeId} did not come back within ${restoreMs / 1000} s`, { hint: 'Look at its journal.' });
    },
  };
}
