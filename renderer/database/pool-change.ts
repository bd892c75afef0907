import type { BudgetExplanation } from '../../electron/contract/index.ts';

export interface PoolChange { readonly poolMin: number | null; readonly poolMax: number | null; readonly problem: string | null }

const size = (typed: string): number | null => (/^\d{1,4}$/.test(typed.trim()) && Number(typed) >= 2 && Number(typed) <= 1000 ? Number(typed) : null);

/** Typed pool sizes, or why they make no sense. */
export function poolChange(min: string, max: string): PoolChange {
  const poolMin = size(min);
  const poolMax = size(max);
  if (poolMin === null || poolMax === null) return { poolMin, poolMax, problem: 'Pool sizes: whole numbers from 2 to 1000' };
  return { poolMin, poolMax, problem: poolMin > poolMax ? 'The smallest size is larger than the largest one' : null };
}

/**
 * What the change comes to, before it is made: the connections that every node together would hold, against the
 * budget. More than the budget is no error, since nodes get what there is; it is said.
 */
export function poolEffect(explanation: BudgetExplanation, nodeId: string | null, poolMax: number | null): { text: string; tone: 'ok' | 'warn' } {
  const { database, pools = [] } = explanation;
  if (poolMax === null || pools.length === 0) return { text: '', tone: 'ok' };
  const control = database.grants[0]?.control ?? 1;
  const wanted = pools.reduce((sum, pool) => sum + (nodeId === null || pool.nodeId === nodeId ? poolMax : pool.poolMax) + control, 0);
  const now = pools.reduce((sum, pool) => sum + pool.granted + control, 0);
  const sum = `${wanted} of ${database.budget} connections`;
  if (wanted > database.budget) return { text: `${sum} would be wanted, ${wanted - database.budget} more than there are: the nodes share what there is.`, tone: 'warn' };
  return { text: wanted < now ? `${sum} would be held, ${now - wanted} fewer than now: pools shrink as their connections are given back, and nothing is cut off.` : `${sum} would be held. Without a restart; those that shrink do so first.`, tone: 'ok' };
}
