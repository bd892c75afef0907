import { z } from 'zod';
import { runFailure, runUpload } from './runs.ts';

const time = z.number().describe('milliseconds since 1970');

/** One program that can be switched to: this app's own, or one that is still on hosts. */
export const upgradeRelease = z.object({
  /** version and digest, as its folder on the hosts is called */
  name: z.string(),
  version: z.string(),
  /** shipped with this app: it is uploaded where it is missing */
  own: z.boolean(),
  /** nodes whose hosts have it */
  on: z.array(z.string()),
  /** nodes that run it now */
  current: z.array(z.string()),
  /** highest migration that it knows; null when that is not known */
  schema: z.number().int().nullable(),
  /** can be chosen: there (or shipped), and the schema still serves it */
  usable: z.boolean(),
  /** why it cannot be chosen */
  reason: z.string().nullable(),
});
export type UpgradeRelease = z.infer<typeof upgradeRelease>;

/** What was held against the cluster before anything is changed. A failed one refuses the upgrade. */
export const upgradeCheck = z.object({
  id: z.enum(['hosts', 'release', 'schema', 'running', 'drained', 'capacity', 'budget']),
  title: z.string(),
  status: z.enum(['passed', 'warning', 'failed']),
  /** a warning that the upgrade does not go past unless it is accepted by the id of its check */
  stops: z.boolean(),
  found: z.string(),
  /** the sum behind it, for example "97 budget − 60 granted = 37 free, 7 needed" */
  arithmetic: z.string().nullable(),
  /** code of the refusal; null unless it failed or stops */
  code: z.string().nullable(),
  hint: z.string().nullable(),
});
export type UpgradeCheck = z.infer<typeof upgradeCheck>;

export const plannedNode = z.object({
  nodeId: z.string(),
  hostId: z.string(),
  host: z.string(),
  master: z.boolean(),
  /** release that its host runs; null when there is none */
  from: z.string().nullable(),
  to: z.string(),
  /** runs `to` already: nothing is done */
  unchanged: z.boolean(),
  /** from 1; the nodes of one batch are switched at the same time */
  batch: z.number().int(),
  steps: z.array(z.object({ step: z.string(), title: z.string() })),
  /** releases that go from its host once every node runs `to` */
  removes: z.array(z.string()),
  seconds: z.number(),
});
export type PlannedNode = z.infer<typeof plannedNode>;

export const upgradePlan = z.object({
  clusterId: z.string(),
  to: z.string(),
  batch: z.number().int(),
  /** in the order of their turn; the master last */
  nodes: z.array(plannedNode),
  /** of the whole upgrade, with all nodes of a batch side by side */
  seconds: z.number(),
  /** what the seconds come from */
  basis: z.string(),
  checks: z.array(upgradeCheck),
  /** false: a check has failed or stops it, and a start is refused with its code */
  allowed: z.boolean(),
  releases: z.array(upgradeRelease),
});
export type UpgradePlan = z.infer<typeof upgradePlan>;

export const upgradeNodeState = z.enum(['waiting', 'running', 'done', 'unchanged', 'failed', 'putting-back', 'put-back']);

export const upgradeNode = z.object({
  nodeId: z.string(),
  hostId: z.string(),
  host: z.string(),
  master: z.boolean(),
  batch: z.number().int(),
  from: z.string().nullable(),
  to: z.string(),
  state: upgradeNodeState,
  /** id and title of the step under way, or of the one that failed */
  step: z.string().nullable(),
  stepTitle: z.string().nullable(),
  /** from 1, of `steps` */
  stepNumber: z.number().int(),
  steps: z.number().int(),
  /** the latest lines from the host */
  lines: z.array(z.string()),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  /** how long it is expected to take, seconds */
  expectedSeconds: z.number(),
  /** a file on its way to the host; only the program that carries the run out knows */
  upload: runUpload.optional(),
  failure: runFailure.nullable(),
});
export type UpgradeNode = z.infer<typeof upgradeNode>;

/**
 * `pausing`: ends what is under way first. `interrupted`: under way by its record, but no desktop carries it out any more; the host
 * that was being switched ends its switch by itself.
 */
export const upgradeState = z.enum(['running', 'pausing', 'paused', 'rolling-back', 'done', 'rolled-back', 'failed', 'interrupted']);

/** One upgrade, rollback or restart: all of it, as the cluster has it written down. */
export const upgradeRun = z.object({
  runId: z.string(),
  kind: z.enum(['upgrade', 'restart']),
  clusterId: z.string(),
  to: z.string(),
  batch: z.number().int(),
  state: upgradeState,
  nodes: z.array(upgradeNode),
  startedAt: time,
  endedAt: time.nullable(),
  /** when this was true */
  asOf: time,
  /** who started it, and who carries it out now (user and machine) */
  startedBy: z.string(),
  holder: z.string(),
  /** carried out by this program */
  here: z.boolean(),
  /** the holder has until then to be heard of again; after that anybody may take the run over */
  holderUntil: time,
  /** seconds since the start, and those that are left by what it took so far; null once it has ended */
  elapsedSeconds: z.number(),
  remainingSeconds: z.number().nullable(),
  failure: runFailure.nullable(),
  /** what can be asked for now */
  can: z.object({ pause: z.boolean(), resume: z.boolean(), rollback: z.boolean() }),
});
export type UpgradeRun = z.infer<typeof upgradeRun>;

export const maintenance = z.object({
  clusterId: z.string(),
  nodeId: z.string(),
  hostId: z.string().nullable(),
  host: z.string(),
  /** it ends by itself then, whether a desktop is there or not */
  until: time,
  note: z.string(),
  by: z.string(),
  since: time,
  observed: z.string(),
  /** null: no alerts were muted, with the reason in `mutedNote` */
  mutedUntil: time.nullable(),
  mutedNote: z.string().nullable(),
});
export type Maintenance = z.infer<typeof maintenance>;
