import type { Comparison } from '../../../metadata/search/item-conditions.ts';
import { notUnderstood } from './parse-query.ts';

/** Of values that have an order. */
export type OrderedComparison = Exclude<Comparison, 'match' | 'nmatch'>;

const comparisons: readonly string[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'match', 'nmatch'] satisfies Comparison[];
const ordered: readonly OrderedComparison[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'];
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, seconds: 1000, minutes: 60_000, d: 86_400_000, days: 86_400_000, w: 604_800_000, weeks: 604_800_000, mo: 2_592_000_000, months: 2_592_000_000, y: 31_536_000_000, years: 31_536_000_000 };

/** @param operator without its dollar @throws PARAMETER_INVALID */
export function comparisonOf(operator: string, name: string): Comparison {
  if (!comparisons.includes(operator)) throw notUnderstood(`$${operator.slice(0, 40)} is not offered for ${name.slice(0, 100)}`);
  return operator as Comparison;
}

/** @throws PARAMETER_INVALID when the comparison is none of them */
export function oneOf<C extends Comparison>(allowed: readonly C[], comparison: Comparison, name: string): C {
  const found = allowed.find((each) => each === comparison);
  if (found === undefined) throw notUnderstood(`$${comparison.slice(0, 40)} is not offered for ${name.slice(0, 100)}`);
  return found;
}

/** A comparison with a whole number. @throws PARAMETER_INVALID */
export function comparedNumber(field: string, comparison: Comparison, text: string): { readonly comparison: OrderedComparison; readonly value: number } {
  if (!/^\d{1,15}$/.test(text) || comparison === 'match' || comparison === 'nmatch') throw notUnderstood(`${field} is compared with a whole number`);
  return { comparison, value: Number(text) };
}

/** A comparison with a time, or with how long ago it is. @throws PARAMETER_INVALID */
export function comparedMoment(field: string, operator: string, text: string): { readonly comparison: OrderedComparison; readonly moment: Date } {
  if (operator === 'before' || operator === 'last') {
    const [, amount = '', unit = ''] = /^(\d{1,9})\s*([a-z]+)$/.exec(text) ?? [];
    const unitMs = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (unitMs === undefined) throw notUnderstood(`$${operator} takes a time like 5d, 2w or 3mo`);
    return { comparison: operator === 'before' ? 'lt' : 'gte', moment: new Date(Math.max(0, Date.now() - Number(amount) * unitMs)) };
  }
  const moment = new Date(/^\d{1,14}$/.test(text) ? Number(text) : text);
  const comparison = oneOf(ordered, operator as Comparison, field);
  if (Number.isNaN(moment.getTime())) throw notUnderstood(`${field} is compared with a time (ISO 8601)`);
  return { comparison, moment };
}
