import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What V8 is asked for: a look at young objects only, or everything that can be given back to the system. */
export type Collection = { readonly type: 'minor' } | { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' };

type Collect = (options: Collection) => void;

function collector(): Collect | null {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('typeof gc === "function" ? gc : null');
  setFlagsFromString('--no-expose-gc');
  return found as Collect | null;
}

let collect: Collect | null | undefined;

/** Has V8 collect garbage now, where it lets itself be asked; the process stands still meanwhile. */
export function collectNow(what: Collection): void {
  collect ??= collector();
  collect?.(what);
}
