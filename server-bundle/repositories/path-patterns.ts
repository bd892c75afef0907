import { LRUCache } from 'lru-cache';

/** Whether a path is accepted by a repository's include and exclude patterns. */
export type PathFilter = (path: string) => boolean;

const filters = new LRUCache<string, PathFilter>({ max: 2000 });

/**
 * The filter of two comma-separated lists of Ant patterns, as Artifactory has them: `?` is one character, `*` any number of them within a
 * segment, `**` any number of segments; a pattern that ends in "/" means everything below. An empty list of includes is everything.
 */
export function pathFilter(includes: string, excludes: string): PathFilter {
  const name = JSON.stringify([includes, excludes]);
  let filter = filters.get(name);
  if (filter === undefined) {
    const included = patternsOf(includes);
    const excluded = patternsOf(excludes);
    filter = (path) => {
      const segments = path.replace(/\/$/, '').split('/');
      return (included.length === 0 || included.some((pattern) => matches(pattern, segments))) && !excluded.some((pattern) => matches(pattern, segments));
    };
    filters.set(name, filter);
  }
  return filter;
}

/** Whether a folder is accepted by such patterns: none excludes everything below it, and something there can be included. */
export function folderFilter(includes: string, excludes: string): PathFilter {
  const included = patternsOf(includes);
  const excluded = patternsOf(excludes).filter((pattern) => pattern.at(-1) === '**' || (pattern.at(-1) === '*' && pattern.at(-2) === '**'));
  return (path) => {
    const segments = path.replace(/\/$/, '').split('/');
    return (included.length === 0 || included.some((pattern) => leadsInto(pattern, segments))) && !excluded.some((pattern) => matches(pattern, segments));
  };
}

/** Whether a pattern can match the folder, or something below it. */
function leadsInto(pattern: Pattern, segments: readonly string[]): boolean {
  const open = pattern.indexOf('**');
  const fixed = open < 0 ? pattern : pattern.slice(0, open);
  if (open < 0 && segments.length > pattern.length) return false;
  return fixed.slice(0, segments.length).every((part, index) => index >= segments.length || matches([part], [segments[index] ?? '']));
}

type Pattern = readonly string[];

function patternsOf(list: string): Pattern[] {
  return list.split(',').map((pattern) => pattern.trim().replace(/^\//, '')).filter((pattern) => pattern !== '').map(segmentsOf);
}

function segmentsOf(pattern: string): Pattern {
  return (pattern.endsWith('/') ? `${pattern}**` : pattern).split('/');
}

/** Whether a path (without a "/" at either end) matches one Ant pattern. */
export function matchesAnt(pattern: string, path: string): boolean {
  return matches(segmentsOf(pattern), path.split('/'));
}

const matches = (pattern: Pattern, segments: readonly string[]): boolean =>
  wildcardMatch(pattern, segments, '**', (part, segment) => wildcardMatch(part, segment, '*', (mark, character) => mark === '?' || mark === character));

/**
 * Whether a sequence matches a pattern in which `any` stands for any number of elements. Only the last such wildcard is ever tried again, so
 * the time is the product of the two lengths at most, whatever somebody writes into a pattern.
 */
function wildcardMatch(pattern: ArrayLike<string>, sequence: ArrayLike<string>, any: string, one: (part: string, element: string) => boolean): boolean {
  let at = 0;
  let from = 0;
  let wildcard = -1;
  let resumed = 0;
  while (from < sequence.length) {
    const part = pattern[at];
    if (part === any) {
      wildcard = at;
      resumed = from;
      at += 1;
    } else if (part !== undefined && one(part, sequence[from] ?? '')) {
      at += 1;
      from += 1;
    } else if (wildcard >= 0) {
      resumed += 1;
      at = wildcard + 1;
      from = resumed;
    } else {
      return false;
    }
  }
  while (pattern[at] === any) at += 1;
  return at === pattern.length;
}
