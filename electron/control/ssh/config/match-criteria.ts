import { matchesPatterns } from '../pattern.ts';

/** What a Match line may ask about. */
export interface MatchSubject {
  /** as it is now: HostName when one was set */
  readonly host: string;
  readonly originalHost: string;
  readonly user: string;
  readonly localUser: string;
  /** the file is gone through for the second time */
  readonly isFinal: boolean;
}

/** `unknown`: it asks for something that is not evaluated here, named in `criterion`; everything else it asks for is so. */
export type MatchVerdict = { readonly kind: 'yes' | 'no' } | { readonly kind: 'unknown'; readonly criterion: string };

/** Evaluates the text behind `Match`. Commands (`exec`) are never run. */
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
      if (subject.isFinal === isNegated) return { kind: 'no' };
      continue;
    }
    const argument = words.shift() ?? '';
    const answer = ask(criterion, argument.split(','), subject);
    if (answer === null) unknown ??= criterion;
    else if (answer === isNegated) return { kind: 'no' };
  }
  return unknown === null ? { kind: 'yes' } : { kind: 'unknown', criterion: unknown };
}

/** Whether the text behind `Match` asks for the second pass, which OpenSSH makes only then. */
export function asksForFinal(text: string): boolean {
  const words = wordsOf(text).map((word) => word.replace(/^!/, '').toLowerCase());
  for (let at = 0; at < words.length; at += withoutArgument.has(words[at] ?? '') ? 1 : 2) if (words[at] === 'final') return true;
  return false;
}

const withoutArgument: ReadonlySet<string> = new Set(['all', 'canonical', 'final']);

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
