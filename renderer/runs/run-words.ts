import type { RunSummary } from '../../electron/contract/index.ts';
import type { StateWord } from '../format/states.ts';

type Step = RunSummary['steps'][number];

/** What a run does. */
export const runVerbs: Readonly<Record<RunSummary['kind'], string>> = { provision: 'Provision', remove: 'Remove', balancer: 'Apply balancer on' };

/** What a run does to these, as the subject of a sentence. */
export function runSubject(kind: RunSummary['kind'], names: string): string {
  return { provision: `Provisioning of ${names}`, remove: `The removal of ${names}`, balancer: `The change of the balancer on ${names}` }[kind];
}

/** How a run stands, in a word. A run that ended well without doing anything says so. */
export function runState({ kind, state, changed }: Pick<RunSummary, 'kind' | 'state' | 'changed'>): StateWord {
  switch (state) {
    case 'running':
      return { word: kind === 'remove' ? 'removing' : 'under way', tone: 'neutral' };
    case 'done':
      if (changed === 0) return { word: 'nothing changed', tone: 'ok' };
      return { word: { provision: 'serves', remove: 'removed', balancer: 'applied' }[kind], tone: 'ok' };
    case 'failed':
      return { word: 'failed', tone: 'bad' };
    case 'cancelled':
      return { word: 'cancelled', tone: 'off' };
    case 'rolling-back':
      return { word: 'rolling back', tone: 'neutral' };
    case 'rolled-back':
      return { word: 'rolled back', tone: 'off' };
    case 'interrupted':
      return { word: 'interrupted', tone: 'bad' };
  }
}

const active = (step: Step): boolean => step.state === 'probing' || step.state === 'applying' || step.state === 'undoing';

/** Whether it goes, or went last, backwards. */
export function isGoingBack({ state, steps }: Pick<RunSummary, 'state' | 'steps'>): boolean {
  return state === 'rolling-back' || state === 'rolled-back' || steps.some((step) => step.state === 'undoing' || step.state === 'undone');
}

export interface Position {
  /** from 1 */
  readonly number: number;
  readonly count: number;
  readonly step: Step | null;
  readonly next: Step | null;
}

/** Which step of how many is under way, or was the last one. */
export function positionOf(run: Pick<RunSummary, 'state' | 'steps'>): Position {
  const { steps } = run;
  const back = isGoingBack(run);
  const at = steps.findIndex(active);
  const failed = steps.findIndex(({ state }) => state === 'failed');
  const waiting = steps.findIndex(({ state }) => state === 'waiting');
  const index = at >= 0 ? at : failed >= 0 ? failed : waiting >= 0 && run.state !== 'done' ? waiting : steps.length - 1;
  const next = back ? steps.slice(0, Math.max(0, index)).findLast(({ touched, state }) => touched && state !== 'undone') : steps[index + 1];
  return { number: index + 1, count: steps.length, step: steps[index] ?? null, next: next ?? null };
}

/** What is done and what is not, for the track: in the order of the steps. */
export function segmentsOf(run: Pick<RunSummary, 'state' | 'steps'>): ('done' | 'now' | 'failed' | 'undone' | 'waiting')[] {
  return run.steps.map((step) => {
    if (step.state === 'failed') return 'failed';
    if (active(step)) return 'now';
    if (step.state === 'undone') return 'undone';
    return step.state === 'waiting' ? 'waiting' : 'done';
  });
}

/** Time in which somebody worked on it, milliseconds: a run that was resumed lay still in between. */
export function workedMs({ steps, startedAt, endedAt, state }: RunSummary, now: number): number {
  const steppedMs = steps.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0);
  const wallMs = Math.max(0, (endedAt ?? now) - startedAt);
  // connecting and locking belong to no step
  const still = wallMs - steppedMs;
  if (state === 'interrupted') return steppedMs;
  return still < 30_000 ? wallMs : steppedMs;
}

/** How it went, as a sentence; null while it goes on. */
export function outcomeOf(run: RunSummary): string | null {
  const { nodeId, kind, state, changed, steps } = run;
  const failed = steps.find((step) => step.state === 'failed')?.title;
  switch (state) {
    case 'running':
    case 'rolling-back':
      return null;
    case 'done':
      if (changed === 0) return `Everything on ${nodeId} was so already: nothing changed.`;
      if (kind === 'remove') return `${nodeId} has left the cluster, and what was installed is gone.`;
      return `${nodeId} ${kind === 'balancer' ? 'balances' : 'serves'}. ${changed} of ${steps.length} steps changed something.`;
    case 'failed':
      return failed === undefined ? 'It stopped before the first step.' : `It stopped at “${failed}”.`;
    case 'cancelled':
      return steps.some(({ touched }) => touched) ? 'What was done until then stays on the host, to go on with or to take back.' : 'Nothing was changed on the host.';
    case 'rolled-back':
      return 'The host is as it was before the run.';
    case 'interrupted':
      return steps.some(({ touched }) => touched)
        ? 'The program that carried it out is gone. What it had done stays on the host, to go on with or to take back.'
        : 'The program that carried it out is gone, before it had changed anything.';
  }
}

/** A run that neither goes on nor has come to an end that somebody wanted. */
export function isOpen({ state }: Pick<RunSummary, 'state'>): boolean {
  return state === 'failed' || state === 'cancelled' || state === 'interrupted';
}
