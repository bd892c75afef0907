import type { ClusterSummary, Topology } from '../../contract/index.ts';

/** The one line and the one dot of a cluster. */
export function summarize(topology: Topology): ClusterSummary {
  const { clusterId, name, kind } = topology;
  return { clusterId, name, kind, health: healthOf(topology), summary: sentenceOf(topology) };
}

function healthOf(topology: Topology): ClusterSummary['health'] {
  if (topology.lifecycle === 'off') return 'off';
  if (topology.lifecycle === 'failed') return 'bad';
  if (topology.lifecycle !== 'running') return 'unknown';
  if (topology.databaseState === 'down' || topology.balancer?.state === 'stopped') return 'bad';
  if (topology.freshness === 'unknown') return 'unknown';
  const serving = topology.nodes.filter((node) => node.observed === 'serving').length;
  if (serving === 0 || topology.master === null) return 'bad';
  return serving < topology.nodes.length || topology.freshness === 'stale' || topology.collectionLocked !== null ? 'warning' : 'ok';
}

function sentenceOf(topology: Topology): string {
  switch (topology.lifecycle) {
    case 'off': return 'Off';
    case 'starting': return 'Starting';
    case 'stopping': return 'Stopping';
    case 'failed': return topology.failure?.message ?? 'Failed';
    case 'running': break;
  }
  if (topology.databaseState === 'down') return 'The database is down';
  if (topology.freshness === 'unknown') return 'No node answers';
  const count = new Map<string, number>();
  for (const { observed } of topology.nodes) count.set(observed, (count.get(observed) ?? 0) + 1);
  const rest = [...count].filter(([state]) => state !== 'serving').map(([state, number]) => `${number} ${state}`);
  const parts = [`${count.get('serving') ?? 0} of ${topology.nodes.length} serving`, ...rest, ...(topology.master === null ? ['no master'] : [])];
  return parts.join(', ');
}
