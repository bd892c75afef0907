import type { State } from './open-state.ts';

export type RunState = 'running' | 'done' | 'failed' | 'cancelled' | 'rolling-back' | 'rolled-back';
export type RunStepState = 'waiting' | 'probing' | 'applying' | 'done' | 'unchanged' | 'failed' | 'undoing' | 'undone';

export interface RunRow {
  readonly id: string;
  readonly kind: 'provision' | 'remove' | 'balancer';
  readonly clusterId: string;
  readonly hostId: string;
  readonly nodeId: string;
  /** JSON */
  readonly target: string;
  readonly state: RunState;
  /** JSON */
  readonly failure: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly heartbeatAt: number;
}

export interface RunStepRow {
  readonly number: number;
  readonly step: string;
  readonly title: string;
  readonly state: RunStepState;
  readonly touched: 0 | 1;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface RunCommandRow {
  readonly id: number;
  readonly step: string;
  readonly phase: string;
  readonly command: string;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
  readonly lastLines: string | null;
  readonly startedAt: number;
}

const runColumns = `id, kind, cluster_id as clusterId, host_id as hostId, node_id as nodeId, target, state, failure,
  started_at as startedAt, ended_at as endedAt, heartbeat_at as heartbeatAt`;

export function insertRunRow(state: State, run: RunRow, steps: readonly { step: string; title: string }[]): void {
  const insert = state.transaction(() => {
    state.prepare(`
      insert into run (id, kind, cluster_id, host_id, node_id, target, state, failure, started_at, ended_at, heartbeat_at)
      values (@id, @kind, @clusterId, @hostId, @nodeId, @target, @state, @failure, @startedAt, @endedAt, @heartbeatAt)
    `).run(run);
    for (const [number, { step, title }] of steps.entries()) {
      state.prepare(`insert into run_step (run_id, number, step, title, state) values (?, ?, ?, ?, 'waiting')`).run(run.id, number, step, title);
    }
  });
  insert.immediate();
}

/** Newest first. */
export function listRunRows(state: State, limit: number): RunRow[] {
  return state.prepare<[number], RunRow>(`select ${runColumns} from run order by started_at desc, id limit ?`).all(limit);
}

/** What each node of a cluster was provisioned with last, as JSON. */
export function lastDoneTargets(state: State, clusterId: string): { readonly nodeId: string; readonly target: string }[] {
  return state.prepare<[string], { nodeId: string; target: string }>(`
    select node_id as nodeId, target from run
    where cluster_id = ? and kind = 'provision' and state = 'done' and started_at = (
      select max(started_at) from run as other where other.cluster_id = run.cluster_id and other.node_id = run.node_id and other.kind = 'provision' and other.state = 'done')
  `).all(clusterId);
}

export function readRunRow(state: State, id: string): RunRow | undefined {
  return state.prepare<[string], RunRow>(`select ${runColumns} from run where id = ?`).get(id);
}

/** Takes a run over that nobody carries out: false when somebody does. */
export function claimRunRow(state: State, id: string, next: 'running' | 'rolling-back', now: number, aliveSince: number): boolean {
  return state.prepare(`
    update run set state = ?, failure = null, ended_at = null, heartbeat_at = ?
    where id = ? and (state not in ('running', 'rolling-back') or heartbeat_at < ?)
  `).run(next, now, id, aliveSince).changes === 1;
}

/** Replaces what the run is about, as JSON. */
export function setRunTarget(state: State, id: string, target: string): void {
  state.prepare('update run set target = ? where id = ?').run(target, id);
}

export function endRunRow(state: State, id: string, next: RunState, failure: string | null, now: number): void {
  state.prepare('update run set state = ?, failure = ?, ended_at = ? where id = ?').run(next, failure, now, id);
}

export function beatRunRow(state: State, id: string, now: number): void {
  state.prepare('update run set heartbeat_at = ? where id = ?').run(now, id);
}

export function listRunStepRows(state: State, runId: string): RunStepRow[] {
  return state.prepare<[string], RunStepRow>(`
    select number, step, title, state, touched, started_at as startedAt, ended_at as endedAt from run_step where run_id = ? order by number
  `).all(runId);
}

export function beginRunStepRow(state: State, runId: string, step: string, next: RunStepState, now: number): void {
  state.prepare(`
    update run_step set state = @next, touched = case when @next = 'applying' then 1 else touched end,
      started_at = case when @next in ('probing', 'undoing') then @now else started_at end, ended_at = null
    where run_id = @runId and step = @step
  `).run({ runId, step, next, now });
}

export function endRunStepRow(state: State, runId: string, step: string, next: RunStepState, now: number): void {
  state.prepare(`
    update run_step set state = @next, touched = case when @next = 'undone' then 0 else touched end, ended_at = @now
    where run_id = @runId and step = @step
  `).run({ runId, step, next, now });
}

/** Written before the command runs, so that a crash leaves the trace of what was under way. */
export function insertRunCommandRow(state: State, runId: string, row: { step: string; phase: string; command: string; startedAt: number }): number {
  return Number(state.prepare('insert into run_command (run_id, step, phase, command, started_at) values (@runId, @step, @phase, @command, @startedAt)')
    .run({ runId, ...row }).lastInsertRowid);
}

export function endRunCommandRow(state: State, id: number, row: { exitCode: number | null; durationMs: number; lastLines: string }): void {
  state.prepare('update run_command set exit_code = @exitCode, duration_ms = @durationMs, last_lines = @lastLines where id = @id').run({ id, ...row });
}

export function listRunCommandRows(state: State, runId: string): RunCommandRow[] {
  return state.prepare<[string], RunCommandRow>(`
    select id, step, phase, command, exit_code as exitCode, duration_ms as durationMs, last_lines as lastLines, started_at as startedAt
    from run_command where run_id = ? order by id
  `).all(runId);
}
