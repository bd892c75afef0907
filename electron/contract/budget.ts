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
});
export type BudgetExplanation = z.infer<typeof budgetExplanation>;
