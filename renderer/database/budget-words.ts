import type { BudgetExplanation, DatabaseBudget } from '../../electron/contract/index.ts';

/** What is granted as a sum: "3 × (25 + 1) = 78" where all nodes hold the same, else "26 + 21 + 21 = 68". */
export function grantSum(budget: Pick<DatabaseBudget, 'grants' | 'granted'>): string {
  const [first, ...others] = budget.grants;
  if (first === undefined) return '0';
  const same = others.every(({ pool, control }) => pool === first.pool && control === first.control);
  if (same) return `${budget.grants.length} × (${first.pool} + ${first.control}) = ${budget.granted}`;
  return budget.grants.length > 5 ? `${budget.granted}` : `${budget.grants.map(({ pool, control }) => pool + control).join(' + ')} = ${budget.granted}`;
}

export interface OneMore { readonly fits: boolean; readonly needs: number; readonly words: string }

/**
 * Room for one more node in few words: "9, so 17 short", "61". The control room's answer knows whether pools can
 * shrink to make room; until it has come, the free connections alone decide.
 */
export function freeForOneMore(database: Pick<DatabaseBudget, 'free' | 'minimumPerNode'>, explained: BudgetExplanation | null): OneMore {
  const needs = explained?.oneMoreNode.needs ?? database.minimumPerNode;
  const free = explained?.oneMoreNode.free ?? database.free;
  const fits = explained?.oneMoreNode.fits ?? database.free >= database.minimumPerNode;
  if (fits) return { fits, needs, words: free >= needs ? `${free}` : `${free}, pools make room` };
  return { fits, needs, words: `${free}, so ${Math.max(0, needs - free)} short` };
}
