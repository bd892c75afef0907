import { matchesPatterns } from '../pattern.ts';

/** What a Match line may ask about. */
export interface MatchSubject {
  /** as it is now: HostName when one was set */
  readonly host: string;
  readonly originalHost: string;
  readonly user: string;
  readonly localUser: string;
}

/** `unknown`: it asks for something that is not evaluated here, named in `criterion`; everything else it asks for is so. */
export type MatchVerdict = { readonly kind: 'yes' | 'no' } | { readonly kind: 'unknown'; readonly criterion: string };

/** Evaluates the text behind `Match`. Commands (`exec`) are never run, and a second pass (`canonical`, `final`) is not made. */
export function evaluateMatch(text: string, subject: MatchSubject): MatchVerdict {
  const words = wordsOf(text);
  let unknown: string | null = null;
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const isNegated = word.startsWith('!');
    const criterion = (isNegated ? word.slice(1) : word).toLowerCase();
    if (criterion === 'all') {
      if (isNegated) return { kind: 'no' };
      continue;
    }
    if (criterion === 'canonical' || criterion === 'final') {
      // the first pass is never the final one
      if (!isNegated) unknown ??= criterion;
      continue;
    }
    const argument = words.shift() ?? '';
    const answer = ask(criterion, argument.split(','), subject);
    if (answer === null) unknown ??= criterion;
    else if (answer === isNegated) return { kind: 'no' };
  }
  return unknown === null ? { kind: 'yes' } : { kind: 'unknown', criterion: unknown };
}

function ask(criterion: string, patterns: readonly string[], { host, originalHost, user, localUser }: MatchSubject): boolean | null {
  const anyCase = patterns.map((pattern) => pattern.toLowerCase());
  switch (criterion) {
    case 'host': return matchesPatterns(anyCase, host.toLowerCase());
    case 'originalhost': return matchesPatterns(anyCase, originalHost.toLowerCase());
    case 'user': return matchesPatterns(patterns, user);
    case 'localuser': return matchesPatterns(patterns, localUser);
    default: return null;
  }
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|([^\s="]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
