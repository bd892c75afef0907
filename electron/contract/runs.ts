import { z } from 'zod';
import { balancerProduct } from './balancers.ts';

/**
 * Names of checks (`checkResult.id`) whose warnings a person has seen and takes on. A warning that stops a run (`checkResult.stops`)
 * ends it with WARNINGS_NOT_ACCEPTED, before anything is changed, unless it is named here. What has failed cannot be accepted.
 */
export const acceptWarnings = z.array(z.string().min(1).max(60)).max(100).default([]);

/** `interrupted`: it is under way by its record, but no program carries it out any more. */
export const runState = z.enum(['running', 'done', 'failed', 'cancelled', 'rolling-back', 'rolled-back', 'interrupted']);

export const runCommand = z.object({
  step: z.string(),
  phase: z.string(),
  command: z.string(),
  /** null: under way, or cut off */
  exitCode: z.number().int().nullable(),
  durationMs: z.number().nullable(),
  lastLines: z.string().nullable(),
});

export const runStep = z.object({
  step: z.string(),
  title: z.string(),
  state: z.enum(['waiting', 'probing', 'applying', 'done', 'unchanged', 'failed', 'undoing', 'undone']),
  /** the host may be different because of it */
  touched: z.boolean(),
  durationMs: z.number().nullable(),
});

/** A file on its way to a host, compressed. */
export const runUpload = z.object({
  file: z.string(),
  /** bytes on their way or there, those of an earlier attempt included */
  sentBytes: z.number().int(),
  totalBytes: z.number().int(),
  /** over the last seconds; null until there is something to measure */
  bytesPerSecond: z.number().nullable(),
});
export type RunUpload = z.infer<typeof runUpload>;

export const runFailure = z.object({ code: z.string(), message: z.string(), hint: z.string(), details: z.unknown().optional() });

export const runSummary = z.object({
  runId: z.string(),
  kind: z.enum(['provision', 'remove', 'balancer']),
  clusterId: z.string(),
  hostId: z.string(),
  nodeId: z.string(),
  state: runState,
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  failure: runFailure.nullable(),
  steps: z.array(runStep),
  /** steps that changed something on the host; 0 for a run that found everything as it should be */
  changed: z.number().int(),
  /** only while a file is on its way, and only from the program that sends it */
  upload: runUpload.optional(),
});
export type RunSummary = z.infer<typeof runSummary>;

export const runDetail = runSummary.extend({ commands: z.array(runCommand) });
export type RunDetail = z.infer<typeof runDetail>;

export const planned = z.object({
  nodeId: z.string(),
  host: z.string(),
  /** of a plan for a balancer: what stands in front of the nodes there */
  product: balancerProduct.optional(),
  steps: z.array(z.object({
    step: z.string(),
    title: z.string(),
    /** lines of shell; uploads as comments */
    probe: z.array(z.string()),
    apply: z.array(z.string()),
    undo: z.array(z.string()),
    /** what is written, without secrets */
    files: z.array(z.object({ path: z.string(), content: z.string() })),
  })),
  /** all of it as a POSIX script, to be run as root on the host */
  script: z.string(),
});
export type Planned = z.infer<typeof planned>;
