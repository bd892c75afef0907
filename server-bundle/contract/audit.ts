import { z } from 'zod';
import { isoTime } from './cluster.ts';

/** One line of the audit log: who did (or tried) what, from where, and how it ended. */
export const auditEntry = z.object({
  /** grows with time, over all nodes */
  id: z.number().int(),
  at: isoTime,
  /** `anonymous` for nobody in particular; for a failed login the name that was tried */
  user: z.string(),
  via: z.string(),
  /** of the client, as far as trusted proxies tell */
  address: z.string(),
  /** `read`, `annotate`, `deploy`, `delete`, `manage`, or `login` for credentials that were refused */
  action: z.string(),
  /** method and route, for example `PUT /artifactory/:repository/*` */
  operation: z.string(),
  /** null for what belongs to the cluster as a whole */
  repository: z.string().nullable(),
  /** inside the repository; the address of the request when there is none */
  path: z.string().nullable(),
  /** HTTP status of the answer */
  status: z.number().int(),
  /** `OK`, or the code of the error */
  result: z.string(),
  requestId: z.string(),
  nodeId: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

/** Answer of `GET /artifactory/api/v1/audit`, newest first. */
export const auditPage = z.object({
  apiVersion: z.literal(1),
  entries: z.array(auditEntry),
  /** of the next page; null at the end */
  cursor: z.string().nullable(),
});
export type AuditPage = z.infer<typeof auditPage>;
