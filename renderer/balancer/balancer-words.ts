import type { Balancer, BalancerProduct, ResultOf, UninformedNode } from '../../electron/contract/index.ts';
import type { StateWord } from '../format/states.ts';

type Status = ResultOf<'balancers.status'>;

export const productNames: Record<BalancerProduct, string> = { nginx: 'nginx', haproxy: 'HAProxy', apache: 'Apache httpd' };

const words: Record<Status['state'], StateWord> = {
  'in-step': { word: 'in step', tone: 'ok' },
  behind: { word: 'behind the cluster', tone: 'warn' },
  edited: { word: 'edited by somebody else', tone: 'warn' },
  missing: { word: 'not there', tone: 'bad' },
  unreachable: { word: 'unreachable, nothing is known', tone: 'unknown' },
};

/** Whether the host has what it should have, in a word. Without an answer of the host only what was written down is known. */
export function balancerState(balancer: Pick<Balancer, 'appliedAt' | 'outdated'>, status: Pick<Status, 'state' | 'running'> | null): StateWord {
  if (status === null) return balancer.appliedAt === null ? { word: 'never applied', tone: 'off' } : balancer.outdated ? { word: 'behind the cluster', tone: 'warn' } : { word: 'not asked yet', tone: 'unknown' };
  if (status.state !== 'unreachable' && status.running === false) return { word: 'not running', tone: 'bad' };
  if (status.state === 'missing' && balancer.appliedAt === null) return { word: 'never applied', tone: 'off' };
  return words[status.state];
}

/** How a node stands in the file and how it should, in words; `same` where nothing has to be done. */
export function backendWords(backend: Status['backends'][number]): { text: string; same: boolean } {
  const { onHost, wanted } = backend;
  if (onHost === wanted) return { text: onHost ?? 'not in it', same: true };
  if (onHost === null) return { text: `will be added, ${wanted ?? ''}`, same: false };
  if (wanted === null) return { text: `${onHost}, will be taken out`, same: false };
  return { text: `${onHost}, will be ${wanted}`, same: false };
}

/** What a node goes by that is not the cluster's any more, or not yet. */
export function uninformedWords({ nodeId, baseUrl, untrusted, stale }: UninformedNode, wanted: string | null): string {
  const parts = [
    ...(wanted === null || baseUrl === wanted ? [] : [`tells clients ${baseUrl}`]),
    ...(untrusted.length === 0 ? [] : [`does not trust ${untrusted.join(', ')}`]),
    ...(stale.length === 0 ? [] : [`still trusts ${stale.join(', ')}`]),
  ];
  return `${nodeId} ${parts.join(', ')}`;
}
