import { z } from 'zod';
import { alertSeverity, clusterAlert, isoTime } from '../../server-bundle/contract/index.ts';
import { freshness } from './freshness.ts';

/**
 * An alert as the screens show it. `cluster`: the master found it and told webhooks; times are the database's. `app`: only this app sees it,
 * because the cluster cannot know (nobody answers, a host is unreachable); it is told to nobody else, and cannot be acknowledged for others.
 */
export const alert = clusterAlert.extend({
  clusterId: z.string(),
  clusterName: z.string(),
  source: z.enum(['cluster', 'app']),
  /** set for a host that is unreachable */
  hostId: z.string().nullable(),
});
export type Alert = z.infer<typeof alert>;

/** Every open alert, whole, on each change. Worst first, then newest first. */
export const alertPicture = z.object({
  alerts: z.array(alert),
  /** how far each cluster's own alerts can be trusted: with none heard the list is not "all well" */
  clusters: z.array(z.object({
    clusterId: z.string(),
    name: z.string(),
    freshness,
    /** when the master last evaluated its rules */
    evaluatedAt: isoTime.nullable(),
    /** why nothing newer is known; null when all is well */
    problem: z.string().nullable(),
  })),
  counts: z.object({ bad: z.number().int(), warning: z.number().int(), acknowledged: z.number().int(), muted: z.number().int() })
    .describe('bad and warning leave out what is acknowledged or muted'),
});
export type AlertPicture = z.infer<typeof alertPicture>;

export const alertHistoryQuery = z.object({
  clusterId: z.string(),
  /** alerts raised before this moment; for paging back */
  before: isoTime.optional(),
  limit: z.number().int().min(1).max(500).default(100),
  rule: z.string().max(64).optional(),
  subject: z.string().max(256).optional(),
  severity: alertSeverity.optional(),
}).strict();
