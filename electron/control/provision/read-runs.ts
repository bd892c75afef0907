import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { runFailure, type RunDetail, type RunSummary } from '../../contract/index.ts';
import { listRunCommandRows, listRunRows, listRunStepRows, readRunRow, type RunRow, type State } from '../state/index.ts';

/** Whoever carries a run out renews its row every second; a program that has not for this long is gone, milliseconds. */
export const silentMs = 10_000;

export function listRuns(state: State, limit: number): RunSummary[] {
  return listRunRows(state, limit).map((row) => summaryOf(state, row));
}

/** Throws RUN_NOT_FOUND. An id may be shortened to what is unique. */
export function findRun(state: State, id: string): RunRow {
  // nothing is the beginning of everything: a script whose variable is empty means no run
  const row = readRunRow(state, id) ?? only(listRunRows(state, 500).filter((each) => id !== '' && each.id.startsWith(id)));
  if (row === undefined) throw new BulkheadError('RUN_NOT_FOUND', `There is no run "${id}"`);
  return row;
}

export function readRun(state: State, id: string): RunDetail {
  const row = findRun(state, id);
  const commands = listRunCommandRows(state, row.id).map(({ step, phase, command, exitCode, durationMs, lastLines }) => ({ step, phase, command, exitCode, durationMs, lastLines }));
  return { ...summaryOf(state, row), commands };
}

export function summaryOf(state: State, row: RunRow): RunSummary {
  const steps = listRunStepRows(state, row.id);
  return {
    runId: row.id, kind: row.kind, clusterId: row.clusterId, hostId: row.hostId, nodeId: row.nodeId,
    state: isInterrupted(row) ? 'interrupted' : row.state,
    startedAt: row.startedAt, endedAt: row.endedAt,
    failure: row.failure === null ? null : runFailure.parse(JSON.parse(row.failure)),
    steps: steps.map(({ step, title, state: at, touched, startedAt, endedAt }) => ({
      step, title, state: at, touched: touched === 1, durationMs: startedAt === null || endedAt === null ? null : endedAt - startedAt,
    })),
    changed: steps.filter(({ state: at }) => at === 'done' || at === 'undone').length,
  };
}

/** Under way by its record, and nobody carries it out. */
function isInterrupted({ state, heartbeatAt }: RunRow): boolean {
  return (state === 'running' || state === 'rolling-back') && Date.now() - heartbeatAt > silentMs;
}

/** The newest run that has changed something on the host of this one after it, and was not taken back. */
export function laterRun(state: State, row: RunRow): RunSummary | undefined {
  return listRunRows(state, 500)
    .filter(({ id, hostId, kind, startedAt }) => id !== row.id && hostId === row.hostId && kind !== 'balancer' && startedAt > row.startedAt)
    .map((later) => summaryOf(state, later))
    .find((later) => later.state !== 'rolled-back' && later.steps.some(({ touched }) => touched));
}

/** Runs for a cluster that are under way, or have left a part of a node on a host: taking that back needs what is known of the cluster. */
export function nodeRunsLeft(state: State, clusterId: string): RunSummary[] {
  return listRunRows(state, 500)
    .filter((row) => row.clusterId === clusterId && row.kind === 'provision' && row.state !== 'done' && row.state !== 'rolled-back' && laterRun(state, row) === undefined)
    .map((row) => summaryOf(state, row))
    .filter((run) => run.state === 'running' || run.state === 'rolling-back' || run.steps.some(({ touched }) => touched));
}

/** Runs of balancers on this host that nobody carries out any more, the newest first; those that matter to somebody who comes after them. */
export function balancerRunsOver(state: State, hostId: string): RunSummary[] {
  return listRunRows(state, 500).filter((row) => row.kind === 'balancer' && row.hostId === hostId).slice(0, 20)
    .map((row) => summaryOf(state, row)).filter((run) => run.state !== 'running' && run.state !== 'rolling-back');
}

/**
 * Runs that were to make or remove a node on this host, the newest first. `ended`: whatever they have left there is nobody's; one that was cut off from its
 * host could not release its lock. `interrupted`: they are still to be gone on with, or taken back.
 */
export function nodeRunsOver(state: State, hostId: string): { readonly ended: RunSummary[]; readonly interrupted: RunSummary[] } {
  const runs = listRunRows(state, 500).filter((row) => row.kind !== 'balancer' && row.hostId === hostId).slice(0, 20).map((row) => summaryOf(state, row));
  return {
    ended: runs.filter((run) => run.state !== 'running' && run.state !== 'rolling-back' && run.state !== 'interrupted'),
    interrupted: runs.filter((run) => run.state === 'interrupted'),
  };
}

/** The newest run of a cluster's balancer on this host, when it was interrupted on its way forward through these steps: another version of this app may have others. */
export function interruptedBalancerRun(state: State, clusterId: string, hostId: string, steps: readonly string[]): RunRow | undefined {
  const newest = balancerRunsOver(state, hostId).find((run) => run.clusterId === clusterId);
  if (newest?.state !== 'interrupted' || newest.steps.map(({ step }) => step).join() !== steps.join()) return undefined;
  const row = findRun(state, newest.runId);
  return row.state === 'running' ? row : undefined;
}

/** A run that makes or removes a node of this cluster at this moment. */
export function nodeRunUnderWay(state: State, clusterId: string): RunSummary | undefined {
  return listRuns(state, 500).find((run) => run.clusterId === clusterId && run.kind !== 'balancer' && (run.state === 'running' || run.state === 'rolling-back'));
}

function only<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}
