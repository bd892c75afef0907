import type { CacheKey, Reader, ReadKey } from '../cluster/ports.ts';

const asked = new WeakMap<Reader, Map<CacheKey, Promise<unknown>>>();

/**
 * `read` within one transaction, asking each key once in all of it: many changes that are confirmed together, mostly of one principal and all under one
 * access model, must not have the first of them wait for as many trips as there are changes. Whoever takes a right away in between
 * waits for this transaction (`outlastWriters`), as it has written by then.
 */
export function askedOnce(trx: Reader, read: ReadKey): ReadKey {
  let answers = asked.get(trx);
  if (answers === undefined) {
    answers = new Map();
    asked.set(trx, answers);
  }
  const known = answers;
  return <T>(key: CacheKey, fill: (db: Reader) => Promise<T | undefined>): Promise<T | undefined> => {
    const before = known.get(key) as Promise<T | undefined> | undefined;
    if (before !== undefined) return before;
    const answer = read(key, fill);
    known.set(key, answer);
    return answer;
  };
}
