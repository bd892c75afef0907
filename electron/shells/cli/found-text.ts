import type { FoundCluster } from '../../contract/index.ts';
import { table } from './table.ts';

/** A cluster as one of its hosts has it, for `bulkhead cluster adopt --look`. */
export function foundText({ settings, state, nodes, run, lockedBy, halfReplaced, problem, knowsAdmin }: FoundCluster): string {
  const { database, filestore } = settings;
  return [
    `${settings.name}: ${state === 'known' ? 'known here, would be brought up to date' : 'not known here'}; database ${database.name} at ${database.host}:${database.port}, filestore ${filestore}; administrator's password ${knowsAdmin ? 'known' : 'not known'} here`,
    table(['node', 'address', 'state', 'version', 'host'], nodes.map((node) => [node.nodeId, node.address, node.observed, node.version, node.host?.name ?? 'is added'])),
    ...(run === null ? [] : [`${run.kind} to ${run.to}: ${run.state}, ${run.done} of ${run.nodes} nodes done, carried out by ${run.holder}`]),
    ...halfReplaced.map((what) => `half replaced: ${what}`),
    ...(lockedBy === null ? [] : [`works on this host: ${lockedBy}`]),
    ...(problem === null ? [] : [`cannot be adopted: ${problem.message}`]),
  ].join('\n');
}
