import { z } from 'zod';

/** One line of "what happened": from the cluster's own events, from this app's observations, or from a person's act. */
export const journalEntry = z.object({
  id: z.number().int(),
  at: z.number().describe('milliseconds since 1970'),
  clusterId: z.string(),
  source: z.enum(['cluster', 'observed', 'operator']),
  severity: z.enum(['info', 'warning', 'bad']),
  type: z.string(),
  nodeId: z.string().nullable(),
  message: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type JournalEntry = z.infer<typeof journalEntry>;

export const journalQuery = z.object({
  clusterId: z.string().optional(),
  /** entries older than this id; for paging back */
  before: z.number().int().optional(),
  limit: z.number().int().min(1).max(500).default(100),
  text: z.string().max(200).optional(),
  severity: z.enum(['info', 'warning', 'bad']).optional(),
  source: z.enum(['cluster', 'observed', 'operator']).optional(),
  nodeId: z.string().optional(),
}).strict();
