import { z } from 'zod';
import { payload } from './payload.ts';

/** Everything that a run needs to know, without secrets: kept with the run, so that a later program can go on with it. */
export const nodeTarget = z.object({
  clusterId: z.string(),
  clusterName: z.string(),
  nodeId: z.string(),
  hostId: z.string(),
  /** where the other nodes and the balancer reach this node */
  url: z.string(),
  listen: z.object({ host: z.string(), port: z.number().int() }),
  baseUrl: z.string(),
  database: z.object({
    host: z.string(), port: z.number().int(), name: z.string(), user: z.string(),
    pool: z.object({ min: z.number().int(), max: z.number().int() }),
    keepForOthers: z.number().int(),
  }),
  filestore: z.string(),
  trustedProxies: z.array(z.string()),
  serviceUid: z.number().int(),
  serviceGid: z.number().int(),
  drainNoticeMs: z.number().int(),
  drainDeadlineMs: z.number().int(),
  /** address of a node that serves already, which has to be reachable from this host; null when there is none */
  peerUrl: z.string().nullable(),
  /** names of checks whose warnings somebody has taken on for this run */
  acceptWarnings: z.array(z.string()).default([]),
  /** hosts that become nodes in the same run, this one too, by id */
  joining: z.array(z.string()).default([]),
  /** `cpu`: what the runtime is for */
  release: z.object({ name: z.string(), cpu: z.enum(['x64', 'arm64']).default('x64'), runtime: payload, bundle: payload }),
});
export type NodeTarget = z.infer<typeof nodeTarget>;

/** Never stored with a run. */
export interface NodeSecrets {
  readonly clusterKey: string;
  readonly databasePassword: string | null;
}
