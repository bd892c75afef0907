import type { RunRow, State } from '../state/index.ts';
import type { AttemptOptions } from './attempt.ts';
import { paths } from './paths.ts';
import { balancerRunsOver, nodeRunsOver } from './read-runs.ts';

/**
 * Which lock a run takes on its host, and from whom it may take it over: from runs that have ended, and on a balancer's host, which has a lock of its
 * own, also from interrupted ones, because what they do there is whole by itself.
 */
export function lockOf(state: State, { id, kind, hostId }: RunRow): Pick<AttemptOptions, 'lock' | 'busy' | 'over' | 'lockedHint'> {
  if (kind === 'balancer') return { lock: paths.balancerLock, busy: paths.balancerBusy, over: () => balancerRunsOver(state, hostId).map(({ runId }) => runId) };
  return {
    over: () => nodeRunsOver(state, hostId).ended.map(({ runId }) => runId),
    lockedHint: () => {
      const [left] = nodeRunsOver(state, hostId).interrupted.filter(({ runId }) => runId !== id);
      return left === undefined ? undefined : `A run was interrupted on this host:  bulkhead run resume ${left.runId.slice(0, 8)}  or  bulkhead run rollback ${left.runId.slice(0, 8)}`;
    },
  };
}
