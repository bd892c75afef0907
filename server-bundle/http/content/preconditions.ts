/** What a conditional request is held against. */
export interface Validators {
  /** with its quotes; strong */
  readonly etag: string;
  /** null: may be another one although it is not newer, so that nothing is decided by a date */
  readonly modifiedAt: Date | null;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since of a GET or HEAD in the order of RFC 9110, section 13.2.2.
 */
export function evaluatePreconditions(headers: Headers, current: Validators): 'proceed' | 'not-modified' | 'failed' {
  const ifMatch = single(headers['if-match']);
  if (ifMatch !== undefined) {
    if (!matchesAny(ifMatch, current.etag, 'strong')) return 'failed';
  } else {
    const since = httpDate(single(headers['if-unmodified-since']));
    if (since !== null && current.modifiedAt !== null && seconds(current.modifiedAt) > seconds(since)) return 'failed';
  }
  const ifNoneMatch = single(headers['if-none-match']);
  if (ifNoneMatch !== undefined) return matchesAny(ifNoneMatch, current.etag, 'weak') ? 'not-modified' : 'proceed';
  const since = httpDate(single(headers['if-modified-since']));
  return since !== null && current.modifiedAt !== null && seconds(current.modifiedAt) <= seconds(since) ? 'not-modified' : 'proceed';
}

/** Whether a change may be made where `If-Match` asks for what is there (RFC 9110, section 13.1.1). @param etag null: nothing is there */
export function meetsIfMatch(ifMatch: string, etag: string | null): boolean {
  return etag !== null && matchesAny(ifMatch, etag, 'strong');
}

/** Whether a Range may be answered: If-Range is absent, or names exactly what is there (RFC 9110, section 13.1.5). */
export function rangeApplies(headers: Headers, current: Validators): boolean {
  const ifRange = single(headers['if-range']);
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return ifRange.trim() === current.etag;
  const date = httpDate(ifRange);
  return date !== null && current.modifiedAt !== null && seconds(date) === seconds(current.modifiedAt);
}

function matchesAny(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? list.split(',').map((bare) => `"${bare.trim()}"`);
  return tags.some((tag) => (tag.startsWith('W/') ? comparison === 'weak' && tag.slice(2) === etag : tag === etag));
}

/** HTTP dates have no fractions of a second. */
function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function httpDate(text: string | undefined): Date | null {
  if (text === undefined || !/GMT\s*$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
