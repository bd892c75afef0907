import { z } from 'zod';
import { databaseBudget } from '../../server-bundle/contract/index.ts';

/** The budget as arithmetic, and the answer to "is there room for one more node?". */
export const budgetExplanation = z.object({
  asOf: z.string(),
  database: databaseBudget,
  /** rows of the sum, top to bottom, as they are shown */
  arithmetic: z.array(z.object({ label: z.string(), value: z.number().int(), sign: z.enum(['', '+', '−', '=']) })),
  oneMoreNode: z.object({
    fits: z.boolean(),
    needs: z.number().int(),
    free: z.number().int(),
    /** what pools would shrink to, when others have to give */
    poolAfter: z.number().int().nullable(),
    /** "9 free, 26 needed: 17 short" */
    sentence: z.string(),
    /** the max_connections at which it would fit; null when it fits */
    maxConnectionsNeeded: z.number().int().nullable(),
  }),
  /** who holds a connection of the server now: this cluster's nodes and everybody else, most connections first */
  holders: z.array(z.object({
    /** a node of this cluster; null for anybody else */
    nodeId: z.string().nullable(),
    user: z.string(),
    application: z.string(),
    database: z.string(),
    /** address; "local" for the server's own socket */
    client: z.string(),
    connections: z.number().int(),
    /** of them, those that do nothing right now */
    idle: z.number().int(),
  })).optional(),
  /** what a reader should know before anything fails; worst first */
  warnings: z.array(z.object({ code: z.enum(['foreign-sessions', 'over-budget', 'pooler', 'nearly-full', 'next-node-does-not-fit', 'below-minimum']), message: z.string(), fix: z.string() })).optional(),
  /** pool sizes that fit, for the nodes there are and for one more (a rolling upgrade or a new node) */
  recommended: z.array(z.object({
    nodes: z.number().int(),
    /** largest pool for each node that the present budget holds, at most what is wanted; null when not even the minimum fits */
    poolMax: z.number().int().nullable(),
    /** max_connections at which every node would get what it wants */
    maxConnectionsForWanted: z.number().int(),
    /** max_connections below which these nodes do not start */
    maxConnectionsForMinimum: z.number().int(),
    sentence: z.string(),
  })).optional(),
  /** pool sizes that apply now */
  pools: z.array(z.object({
    nodeId: z.string(), poolMin: z.number().int(), poolMax: z.number().int(),
    /** `configuration`: the node's own file; `cluster`, `node`: set live, for all or for this one */
    source: z.enum(['configuration', 'cluster', 'node']),
    /** what it holds now, and what that is becoming */
    granted: z.number().int(), target: z.number().int(),
  })).optional(),
  /** a connection pooler stands between the nodes and the server; null when none was detected */
  pooler: z.object({ kind: z.enum(['pgbouncer', 'unknown']), sentence: z.string() }).nullable().optional(),
});
export type BudgetExplanation = z.infer<typeof budgetExplanation>;
