import type { MemberSession } from '../cluster/session.ts';
import type { NodeFigures } from './context.ts';
import type { OwnFacts } from './own-facts.ts';

export type { NodeFigures } from './context.ts';

/**
 * What metrics tell of an incarnation; reads memory only. Null when there is none.
 * @param othersEntries answers in the caches of other processes of the node
 */
export function figuresOf(session: MemberSession | null, othersEntries: number, facts: Pick<OwnFacts, 'clockOffsetMs' | 'silenceMs' | 'systemDisk'>): NodeFigures | null {
  if (session === null) return null;
  const { coherence, leadership } = session;
  return {
    pool: session.poolState(), cachedEntries: coherence.cachedEntries + othersEntries, caching: coherence.mayAnswer(),
    master: leadership.isMaster(), epoch: leadership.current()?.epoch ?? null,
    clockOffsetMs: facts.clockOffsetMs, heartbeatSilenceMs: facts.silenceMs, systemDisk: facts.systemDisk,
  };
}
