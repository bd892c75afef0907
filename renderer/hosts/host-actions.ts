import type { HostSummary } from '../../electron/contract/index.ts';
import type { Action } from '../commands/action.ts';

/** Takes a host out of the inventory. The machine itself is not touched. */
export function removeHostAction(host: HostSummary, blocked: string | null, onRemoved: () => void): Action {
  const inUse = host.node === null ? null : `It carries the node ${host.node.nodeId}: remove that first`;
  return {
    id: `host.remove.${host.hostId}`, subject: `host:${host.hostId}`, label: 'Remove', progress: `Removing ${host.name}`, tone: 'danger', blocked: blocked ?? inUse,
    explanation: 'Forgets this host and the secrets kept for it. The machine itself is not touched.',
    question: {
      title: `Remove ${host.name}?`,
      does: ['This app forgets how to reach it, and the passwords kept for it. Nothing is sent to the machine, and nothing on it changes. The key that it shows stays known.'],
      breaks: [], harmless: 'No node is on it, so no cluster notices.', confirm: 'Remove the host',
    },
    run: async (client, signal) => {
      await client.call('hosts.remove', { hostId: host.hostId }, { signal });
      onRemoved();
    },
  };
}
