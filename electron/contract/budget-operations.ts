import { z } from 'zod';
import { budgetExplanation } from './budget.ts';
import { command, inCluster, query } from './operation.ts';

/** Who holds the database's connections, and how many each node may. */
export const budgetOperations = {
  'budget.explain': query(inCluster, budgetExplanation),
  /** changes the pools of running nodes, without a restart: those that become smaller shrink before others grow. Kept in the database. */
  'budget.setGrants': command(inCluster.extend({
    /** one node; all of them when left out */
    nodeId: z.string().optional(),
    /** pool sizes; both left out: back to what each node's own configuration says */
    poolMin: z.number().int().min(2).max(1000).optional(),
    poolMax: z.number().int().min(2).max(1000).optional(),
  }), budgetExplanation),
} as const;
