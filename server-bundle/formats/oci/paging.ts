import { BulkheadError } from '../../contract/index.ts';

/** One page of a list that is sorted by its entries' text. */
export interface Page {
  readonly entries: readonly string[];
  /** last entry of this page, when there are more; null at the end */
  readonly next: string | null;
}

/** `n` of a query. @throws PARAMETER_INVALID */
export function pageSize(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,9}$/.test(text)) throw new BulkheadError('PARAMETER_INVALID', 'n is not a number', { details: { parameter: 'n' } });
  return Number(text);
}

/** "Listing Tags": lexical order without regard to case; what differs by case only is in the order of its characters' codes. For `sort`. */
export function inListOrder(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (left !== right) return left < right ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * "Listing Tags": entries behind `last`, at most `n`. `last` need not be in the list.
 * @param sorted by `inListOrder`
 */
export function pageOf(sorted: readonly string[], n: number | null, last: string | undefined, limit: number): Page {
  const rest = last === undefined ? sorted : sorted.filter((entry) => inListOrder(entry, last) > 0);
  const entries = rest.slice(0, Math.min(n ?? limit, limit));
  const end = entries.at(-1);
  return { entries, next: end !== undefined && entries.length < rest.length ? end : null };
}

/** `Link` to the next page (RFC 8288), relative. */
export function nextLink(path: string, n: number | null, last: string): string {
  const query = new URLSearchParams({ ...(n === null ? {} : { n: String(n) }), last });
  return `<${path}?${query.toString()}>; rel="next"`;
}
