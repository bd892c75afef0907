import type { FoundCluster } from '../../electron/contract/index.ts';
import { countOf } from '../format/numbers.ts';
import { formatAge } from '../format/times.ts';
import { secretWords } from '../secrets/secret-words.ts';
import { versionOf } from '../upgrade/upgrade-words.ts';

/** What somebody else has begun there, one sentence for each; empty when nothing is under way. */
export function workElsewhere({ run, lockedBy, halfReplaced }: Pick<FoundCluster, 'run' | 'lockedBy' | 'halfReplaced'>, now: number): string[] {
  const lines: string[] = [];
  if (run !== null) {
    const what = run.kind === 'upgrade' ? `An upgrade to ${versionOf(run.to)}` : 'A restart';
    const how = `${run.done} of ${countOf(run.nodes, 'node')} done, begun by ${run.startedBy} ${formatAge(now - run.startedAt)}`;
    const free = run.state === 'paused' || run.state === 'failed' || run.state === 'interrupted' || run.holderUntil < run.asOf;
    lines.push(free ? `${what} stands still: ${how}. It can be taken over on the Upgrade screen once the cluster is adopted.` : `${what} is carried out by ${run.holder}: ${how}. It can be taken over when nothing is heard of ${run.holder} any more.`);
  }
  for (const what of halfReplaced) lines.push(`The ${secretWords[what].name} is half replaced: somebody is at it, or was interrupted. It can be finished on the Secrets screen.`);
  if (lockedBy !== null) lines.push(`Somebody works on this host: ${lockedBy}.`);
  return lines;
}

/** What adopting writes down, one sentence for each. */
export function takenOver({ nodes, state }: Pick<FoundCluster, 'nodes' | 'state'>): string[] {
  const fresh = nodes.filter(({ host }) => host === null);
  return [
    `${state === 'known' ? 'The settings as they are now' : 'Its settings'}, its cluster key and the password of its database: read on the host as root, kept here encrypted, shown nowhere.`,
    fresh.length === 0 ? 'No host: all of them are known here.' : `${fresh.length === 1 ? 'One host' : `${fresh.length} hosts`}, with the sign-in of the one that you chose: ${fresh.map(({ nodeId }) => nodeId).join(', ')}. The key of each has to be compared before it can be worked on.`,
    'Nothing on the hosts changes, and the other desktop goes on as before: both may manage the cluster.',
  ];
}
