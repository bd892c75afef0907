import { z } from 'zod';
import { databaseBudget, isoTime } from './cluster.ts';

/** Who holds connections of the server: sessions of one user, program and address together. */
export const connectionHolder = z.object({
  /** node of this cluster; null for anybody else */
  nodeId: z.string().nullable(),
  user: z.string(),
  /** application_name; empty when none was given */
  application: z.string(),
  database: z.string(),
  /** address; "local" for the server's own socket, "unknown" where the role may not see it */
  client: z.string(),
  connections: z.number().int(),
  idle: z.number().int(),
});
export type ConnectionHolder = z.infer<typeof connectionHolder>;

/** Sizes that apply to the pool of one live incarnation. */
export const poolSizes = z.object({
  nodeId: z.string(),
  poolMin: z.number().int(),
  poolMax: z.number().int(),
  /** `configuration`: the node's own file; `cluster`, `node`: set live, for all nodes or for this one */
  source: z.enum(['configuration', 'cluster', 'node']),
  granted: z.number().int(),
  target: z.number().int(),
});
export type PoolSizes = z.infer<typeof poolSizes>;

/** `GET /artifactory/api/v1/cluster/budget` */
export const budgetView = z.object({
  apiVersion: z.literal(1),
  asOf: isoTime,
  database: databaseBudget,
  holders: z.array(connectionHolder),
  pools: z.array(poolSizes),
});
export type BudgetView = z.infer<typeof budgetView>;

/** `PUT /artifactory/api/v1/cluster/pools`: sizes for one node or for all; with neither size, back to the nodes' own configuration. */
export const poolChange = z.object({
  nodeId: z.string().min(1).max(63).optional(),
  poolMin: z.number().int().min(2).max(1000).optional(),
  poolMax: z.number().int().min(2).max(1000).optional(),
}).strict();
export type PoolChange = z.infer<typeof poolChange>;
