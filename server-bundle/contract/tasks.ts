import { z } from 'zod';
import { isoTime } from './cluster.ts';

export const taskState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);
export type TaskState = z.infer<typeof taskState>;

/** One run of a cluster-wide task: `GET /artifactory/api/v1/tasks/{id}`. */
export const taskRun = z.object({
  id: z.string(),
  /** for example "gc" */
  kind: z.string(),
  state: taskState,
  /** start of the slot that a scheduled run belongs to; null for one on request */
  slot: isoTime.nullable(),
  /** the master's epoch that does or did the work; null before one has begun */
  epoch: z.number().int().nullable(),
  requestedBy: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  cancelRequested: z.boolean(),
  progress: z.record(z.string(), z.unknown()),
  /** what the run did, also when it failed half-way (then with `error: {code, message}`); null while it runs */
  report: z.record(z.string(), z.unknown()).nullable(),
  createdAt: isoTime,
  startedAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
});
export type TaskRun = z.infer<typeof taskRun>;

/** `GET /artifactory/api/v1/tasks`: newest first. */
export const taskList = z.object({ apiVersion: z.literal(1), tasks: z.array(taskRun) });
export type TaskList = z.infer<typeof taskList>;

/** Report of a run of garbage collection. Bytes are those of the blobs, not of file system blocks. */
export const collectionReport = z.object({
  dryRun: z.boolean(),
  /** candidates that were looked at */
  examined: z.number().int(),
  /** candidates that are in use again, and are candidates no more */
  referenced: z.number().int(),
  /** blobs marked for deletion (in a dry run: that would be) */
  tombstoned: z.number().int(),
  tombstonedBytes: z.number().int(),
  /** blobs whose bytes and row are gone (in a dry run: would be) */
  deleted: z.number().int(),
  deletedBytes: z.number().int(),
  /** true when the cap of a run ended it early: the next one goes on */
  capped: z.boolean(),
});
export type CollectionReport = z.infer<typeof collectionReport>;
