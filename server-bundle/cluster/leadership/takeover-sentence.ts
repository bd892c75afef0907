import type { TakenLease } from '../../metadata/leadership.ts';

/** What happened when the mastership changed, in one sentence for people. */
export function takeoverSentence(nodeId: string, { epoch, cause, previousNodeId, gapMs }: Pick<TakenLease, 'epoch' | 'cause' | 'previousNodeId' | 'gapMs'>): string {
  const master = `${nodeId} is master of epoch ${String(epoch)}`;
  const former = previousNodeId ?? 'the former master';
  const after = gapMs === null ? '' : `${(gapMs / 1000).toFixed(2)} s after `;
  switch (cause) {
    case 'first': return `${master}, the first of this cluster`;
    case 'hand-over': return `${master}, ${after === '' ? `which ${former} handed over` : `${after}${former} handed over`}`;
    case 'fail-over': return `${master}, ${after === '' ? `because ${former} is gone` : `${after}the last sign of life of ${former}`}`;
    case 'expired': return `${master}, because the lease of ${former} ran out`;
  }
}
