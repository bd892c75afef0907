import { createHash } from 'node:crypto';

/** How many parsed documents are kept of each kind; indexes can be large. */
const kept = 8;

/**
 * A parser that remembers what it made of the last few documents: an index of upstream is asked once for every file that is fetched.
 * @param parse pure; what it throws, or rejects with, is not remembered
 */
export function parsedOnce<T>(parse: (bytes: Buffer, context: string) => T): (bytes: Buffer, context: string) => T {
  const made = new Map<string, T>();
  return (bytes, context) => {
    const name = `${createHash('sha256').update(bytes).digest('base64')} ${context}`;
    const known = made.get(name);
    const value = known ?? parse(bytes, context);
    if (known === undefined && value instanceof Promise) value.catch(() => { made.delete(name); });
    // last used, last to go
    made.delete(name);
    made.set(name, value);
    const [oldest] = made.keys();
    if (made.size > kept && oldest !== undefined) made.delete(oldest);
    return value;
  };
}
