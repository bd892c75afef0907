import type { RunSummary } from '../../electron/contract/index.ts';
import type { StateWord } from '../format/states.ts';
import { runState, workedMs } from './run-words.ts';

/** Nodes that serve already are done one after the other: one starts as soon as the one before has ended. */
const togetherMs = 3_000;

export interface RunGroup {
  /** of its first run */
  readonly id: string;
  readonly kind: RunSummary['kind'];
  readonly clusterId: string;
  readonly startedAt: number;
  /** null while one of them goes on */
  readonly endedAt: number | null;
  /** by name */
  readonly runs: readonly RunSummary[];
}

/** Runs that were started together, newest first: one click makes one run for each host. */
export function groupRuns(runs: readonly RunSummary[]): RunGroup[] {
  const groups: RunSummary[][] = [];
  for (const run of [...runs].sort((a, b) => a.startedAt - b.startedAt)) {
    const group = groups.findLast((each) => belongs(run, each));
    if (group === undefined) groups.push([run]);
    else group.push(run);
  }
  return groups.map(toGroup).sort((a, b) => b.startedAt - a.startedAt);
}

function belongs(run: RunSummary, group: readonly RunSummary[]): boolean {
  const [first] = group;
  if (first?.clusterId !== run.clusterId || first.kind !== run.kind || group.some(({ hostId }) => hostId === run.hostId)) return false;
  return group.some(({ startedAt, endedAt }) => run.startedAt - startedAt < togetherMs || (endedAt !== null && Math.abs(run.startedAt - endedAt) < togetherMs));
}

function toGroup(runs: readonly RunSummary[]): RunGroup {
  const [first] = runs;
  if (first === undefined) throw new Error('A group has a run');
  const ended = runs.map(({ endedAt }) => endedAt);
  return {
    id: first.runId, kind: first.kind, clusterId: first.clusterId, startedAt: first.startedAt,
    endedAt: ended.includes(null) ? null : Math.max(...ended.map((at) => at ?? 0)),
    runs: [...runs].sort((a, b) => a.nodeId.localeCompare(b.nodeId, 'en', { numeric: true })),
  };
}

/** Whether somebody carries it out, nobody does although it is not over, or it is over. */
export function runPhase({ runs }: RunGroup): 'going' | 'interrupted' | 'ended' {
  if (runs.some(({ state }) => state === 'running' || state === 'rolling-back')) return 'going';
  return runs.some(({ state }) => state === 'interrupted') ? 'interrupted' : 'ended';
}

const order = ['failed', 'interrupted', 'cancelled', 'rolling-back', 'running', 'rolled-back', 'done'] as const;

/** The state of all together: the worst word, with how many of how many. */
export function groupState({ runs, kind }: RunGroup): StateWord {
  const worst = order.map((state) => runs.find((run) => run.state === state)).find((run) => run !== undefined);
  if (worst === undefined) return { word: 'nothing', tone: 'off' };
  const nothing = runs.every(({ state, changed }) => state === 'done' && changed === 0);
  const { word, tone } = runState({ ...worst, kind, changed: nothing ? 0 : Math.max(1, worst.changed) });
  const count = runs.filter(({ state }) => state === worst.state).length;
  if (runs.length === 1) return { word, tone };
  if (count === runs.length) return { word: worst.state === 'done' && kind === 'provision' && !nothing ? `${count} serve` : `all ${word}`, tone };
  return { word: `${count} of ${runs.length} ${word}`, tone };
}

/**
 * From the click to the last of them serving, milliseconds; null until all serve, and when nothing had to be done.
 *
 * @param clickedAt when the button was pressed, where that is known; milliseconds since 1970
 */
export function servingAfterMs({ kind, runs, startedAt, endedAt }: RunGroup, clickedAt: number | null): number | null {
  if (kind !== 'provision' || endedAt === null || runs.some(({ state }) => state !== 'done') || runs.every(({ changed }) => changed === 0)) return null;
  // one that was resumed later says how long was worked on it instead
  const resumed = runs.find((run) => run.endedAt !== null && workedMs(run, run.endedAt) < run.endedAt - run.startedAt);
  if (resumed !== undefined) return null;
  return endedAt - (clickedAt !== null && clickedAt <= startedAt && startedAt - clickedAt < 60_000 ? clickedAt : startedAt);
}
