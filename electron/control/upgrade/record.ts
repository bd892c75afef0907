import { z } from 'zod';
import { upgradeRow, type UpgradeRow } from '../../../server-bundle/contract/index.ts';
import { runFailure, upgradeNodeState, type LanCluster, type RunUpload, type UpgradeNode, type UpgradeRun } from '../../contract/index.ts';
import { stepsOf, titleOf } from './switch-script.ts';

/** One node's turn, as it was planned. Hosts are named, not numbered: another desktop has other ids for them. */
export const turn = z.object({
  nodeId: z.string(),
  host: z.string(),
  master: z.boolean(),
  batch: z.number().int(),
  from: z.string(),
  to: z.string(),
  unchanged: z.boolean(),
  seconds: z.number(),
  /** releases that go from its host once every node runs the new one */
  removes: z.array(z.string()).default([]),
});
export type Turn = z.infer<typeof turn>;

export const runPlan = z.object({
  kind: z.enum(['upgrade', 'restart']), to: z.string(), batch: z.number().int(), turns: z.array(turn),
  /** taken on by whoever has begun it: the only node is switched, and nobody serves meanwhile */
  interrupts: z.boolean().default(false),
});
export type RunPlan = z.infer<typeof runPlan>;

export const turnProgress = z.object({
  state: upgradeNodeState,
  step: z.string().nullable(),
  lines: z.array(z.string()),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** of the switch on the host, from 1; 0 before the first */
  attempt: z.number().int(),
  /** the release that the last attempt was to bring it to */
  toward: z.string().nullable().default(null),
  failure: runFailure.nullable(),
});
export type TurnProgress = z.infer<typeof turnProgress>;

export const runProgress = z.object({ turns: z.record(z.string(), turnProgress), failure: runFailure.nullable() });
export type RunProgress = z.infer<typeof runProgress>;

/** A run as the cluster has it, read. */
export interface StoredRun extends Omit<UpgradeRow, 'plan' | 'progress'> {
  readonly plan: RunPlan;
  readonly progress: RunProgress;
}

export function readRow(row: unknown): StoredRun {
  const { plan, progress, ...rest } = upgradeRow.parse(row);
  return { ...rest, plan: runPlan.parse(plan), progress: runProgress.parse(progress) };
}

export function freshProgress({ turns }: RunPlan): RunProgress {
  return {
    failure: null,
    turns: Object.fromEntries(turns.map(({ nodeId, unchanged }) => [nodeId, {
      state: unchanged ? 'unchanged' as const : 'waiting' as const, step: null, lines: [], startedAt: null, endedAt: null, attempt: 0, toward: null, failure: null,
    }])),
  };
}

/** Who carries the run out, as far as this program can tell. */
export interface Sight {
  readonly here: boolean;
  /** asked for and not yet done */
  readonly pausing: boolean;
  /** files on their way, by node; only who carries the run out knows of them */
  readonly uploads?: ReadonlyMap<string, RunUpload>;
}

/** A run as screens and scripts see it. */
export function shownRun({ clusterId, nodes }: Pick<LanCluster, 'clusterId' | 'nodes'>, run: StoredRun, { here, pausing, uploads }: Sight): UpgradeRun {
  const { plan, progress } = run;
  const silent = run.endedAt === null && run.state !== 'paused' && !here && run.holderUntil < run.asOf;
  const state = silent ? 'interrupted' : run.state === 'running' && (pausing || run.wish === 'pause') ? 'pausing' : run.state;
  const standing = state === 'paused' || state === 'interrupted' || state === 'failed';
  const touched = plan.turns.some(({ nodeId, unchanged }) => !unchanged && progress.turns[nodeId]?.state !== 'waiting' && progress.turns[nodeId]?.state !== 'put-back');
  return {
    runId: run.id, kind: plan.kind, clusterId, to: plan.to, batch: plan.batch, state,
    nodes: plan.turns.map((each) => shownNode(each, progress.turns[each.nodeId], nodes.find(({ nodeId }) => nodeId === each.nodeId)?.hostId ?? '', uploads?.get(each.nodeId))),
    startedAt: run.startedAt, endedAt: run.endedAt, asOf: run.asOf, startedBy: run.startedBy, holder: run.holder, here, holderUntil: run.holderUntil,
    elapsedSeconds: Math.max(0, ((run.endedAt ?? run.asOf) - run.startedAt) / 1000),
    remainingSeconds: run.endedAt === null ? remainingSeconds(plan, progress, run.asOf) : null,
    failure: progress.failure,
    can: { pause: state === 'running', resume: standing, rollback: plan.kind === 'upgrade' && (standing || state === 'done') && touched },
  };
}

function shownNode(planned: Turn, progress: TurnProgress | undefined, hostId: string, upload: RunUpload | undefined): UpgradeNode {
  const { state = 'waiting', step = null, lines = [], startedAt = null, endedAt = null, failure = null } = progress ?? {};
  const all = stepsOf(planned.removes);
  const number = all.findIndex((each) => each.step === step?.replace(/^back-/, '')) + 1;
  const { nodeId, host, master, batch, from, to, seconds } = planned;
  return {
    nodeId, hostId, host, master, batch, from, to, state, step, stepTitle: step === null ? null : titleOf(step),
    stepNumber: state === 'done' || state === 'unchanged' ? all.length : number, steps: all.length,
    lines, startedAt, endedAt, expectedSeconds: seconds, failure, ...(upload === undefined ? {} : { upload }),
  };
}

/** Batch by batch, by what the turns that are over have taken; by the plan while there are none. */
function remainingSeconds({ turns }: RunPlan, progress: RunProgress, now: number): number {
  const over = turns.flatMap(({ nodeId }) => {
    const { state, startedAt = null, endedAt = null } = progress.turns[nodeId] ?? {};
    return state === 'done' && startedAt !== null && endedAt !== null ? [(endedAt - startedAt) / 1000] : [];
  });
  const mean = over.length === 0 ? null : over.reduce((sum, each) => sum + each, 0) / over.length;
  let left = 0;
  for (const batch of new Set(turns.map((each) => each.batch))) {
    const rest = turns.filter((each) => each.batch === batch).map(({ nodeId, seconds }) => {
      const { state = 'waiting', startedAt = null } = progress.turns[nodeId] ?? {};
      if (state === 'waiting') return mean ?? seconds;
      if (state !== 'running' && state !== 'putting-back') return 0;
      return Math.max(1, (mean ?? seconds) - (now - (startedAt ?? now)) / 1000);
    });
    left += Math.max(0, ...rest);
  }
  return left;
}
