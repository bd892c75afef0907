import { z } from 'zod';
import { auditEntry } from '../../server-bundle/contract/index.ts';

/** One line of a cluster's audit log. */
export const auditRecord = auditEntry.extend({
  /** milliseconds since 1970, by the clock of the cluster's database */
  at: z.number(),
});
export type AuditRecord = z.infer<typeof auditRecord>;

/** What is asked of the log; what is left out is any. */
export const auditFilter = z.object({
  clusterId: z.string(),
  /** exactly as it logged in, `anonymous` for requests without credentials */
  user: z.string().min(1).max(1024).optional(),
  /** `read`, `annotate`, `deploy`, `delete`, `manage`, `login` */
  action: z.string().min(1).max(64).optional(),
  repository: z.string().min(1).max(1024).optional(),
  /** `OK`, the code of an error, or `refused` for everything that somebody was not allowed to */
  result: z.string().min(1).max(64).optional(),
  /** milliseconds since 1970: from then on */
  since: z.number().int().optional(),
  /** milliseconds since 1970: before then */
  until: z.number().int().optional(),
  /** entries older than this id; for paging back */
  before: z.number().int().positive().optional(),
  limit: z.number().int().min(1).max(1000).default(100),
}).strict();

/** Newest first. */
export const auditRecords = z.object({ entries: z.array(auditRecord), more: z.boolean() });
export type AuditRecords = z.infer<typeof auditRecords>;
