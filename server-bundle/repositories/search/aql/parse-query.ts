import { z } from 'zod';
import { BulkheadError } from '../../../contract/index.ts';

/** A query of Artifactory's query language, as far as it is understood: `items.find({…}).include(…).sort({…}).offset(n).limit(n)`. */
export interface ItemQuery {
  readonly criteria: Readonly<Record<string, unknown>>;
  /** as written; null: the usual fields */
  readonly include: readonly string[] | null;
  readonly sort: { readonly descending: boolean; readonly fields: readonly string[] } | null;
  readonly offset: number;
  /** null: all */
  readonly limit: number | null;
}

export function notUnderstood(message: string): BulkheadError {
  return new BulkheadError('PARAMETER_INVALID', `The query is not understood: ${message}`, {
    hint: 'items.find({…}) with include, sort, offset and limit is; docs/api.md lists fields and comparisons.',
  });
}

const count = z.tuple([z.number().int().min(0).max(1_000_000_000)]);
const names = z.array(z.string().min(1).max(300)).min(1).max(100);
const order = z.tuple([z.union([z.strictObject({ $asc: names }), z.strictObject({ $desc: names })])]);
const criteria = z.custom<Record<string, unknown>>((given) => typeof given === 'object' && given !== null && !Array.isArray(given));
const find = z.union([z.tuple([]), z.tuple([criteria])]);

/** @throws PARAMETER_INVALID */
export function parseQuery(text: string): ItemQuery {
  const domain = /^\s*([a-z]+(?:\.[a-z]+)*)\s*(?=\()/.exec(text);
  if (domain?.[1] !== 'items.find') throw notUnderstood(`it has to begin with items.find( instead of '${text.trim().slice(0, 40)}'`);
  const calls = new Map<string, unknown[]>();
  for (let at = domain[0].length, name = 'find'; ;) {
    const { args, end } = argumentsAt(text, at);
    if (calls.has(name)) throw notUnderstood(`.${name}() is there twice`);
    calls.set(name, args);
    const next = /^\s*\.\s*(include|sort|offset|limit|distinct|transitive)\s*(?=\()/.exec(text.slice(end));
    if (next === null) {
      if (text.slice(end).trim().replace(/;$/, '') !== '') throw notUnderstood(`'${text.slice(end).trim().slice(0, 40)}' behind .${name}()`);
      break;
    }
    name = next[1] ?? '';
    if (name === 'distinct' || name === 'transitive') throw notUnderstood(`.${name}() is not offered`);
    at = end + next[0].length;
  }
  const taken = <T>(name: string, schema: z.ZodType<T>): T | undefined => {
    const args = calls.get(name);
    if (args === undefined) return undefined;
    const parsed = schema.safeParse(args);
    if (!parsed.success) throw notUnderstood(`the arguments of .${name}()`);
    return parsed.data;
  };
  const [sorted] = taken('sort', order) ?? [];
  return {
    criteria: taken('find', find)?.[0] ?? {},
    include: taken('include', names) ?? null,
    sort: sorted === undefined ? null : '$asc' in sorted ? { descending: false, fields: sorted.$asc } : { descending: true, fields: sorted.$desc },
    offset: taken('offset', count)?.[0] ?? 0,
    limit: taken('limit', count)?.[0] ?? null,
  };
}

/** The arguments in the parentheses that open at `at`: JSON values, with commas between them. */
function argumentsAt(text: string, at: number): { readonly args: unknown[]; readonly end: number } {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    const char = text[index];
    if (char === '"') index = endOfString(text, index);
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    if (depth > 0) continue;
    try {
      return { args: JSON.parse(`[${text.slice(at + 1, index)}]`) as unknown[], end: index + 1 };
    } catch {
      throw notUnderstood('what stands in parentheses is not JSON');
    }
  }
  throw notUnderstood('a parenthesis is not closed');
}

function endOfString(text: string, begin: number): number {
  for (let index = begin + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '"') return index;
  }
  throw notUnderstood('a string is not closed');
}
