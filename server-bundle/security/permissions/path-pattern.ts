/**
 * Path patterns as Ant and Artifactory write them: `*` and `?` within a segment, `**` for any number of segments, none too. A
 * pattern that ends in "/" means everything below. Matching walks pattern and path together and never backs up over a segment that
 * it has left, so its time is bounded by the product of both lengths, whatever somebody writes.
 */
export interface PathPattern {
  readonly text: string;
  readonly segments: readonly string[];
}

const everything = '**';

export function pathPattern(text: string): PathPattern {
  const plain = text.replace(/^\/+/, '');
  const segments = (plain === '' || plain.endsWith('/') ? `${plain}**` : plain).split('/').filter((segment) => segment !== '');
  // neighbours that say the same: a/**/**/b is a/**/b
  return { text, segments: segments.filter((segment, at) => segment !== everything || segments[at - 1] !== everything) };
}

/** Whether the pattern takes this very path (without a slash at either end; empty for the root). */
export function matchesPath({ segments }: PathPattern, path: string): boolean {
  if (segments.length === 1 && segments[0] === everything) return true;
  return after(segments, path)[segments.length] === true;
}

/** Whether the pattern takes the folder or anything that could ever be below it. */
export function mayMatchBelow({ segments }: PathPattern, folder: string): boolean {
  return after(segments, folder).some(Boolean);
}

/** Whether the pattern takes the folder and everything that could ever be below it. */
export function coversBelow({ segments }: PathPattern, folder: string): boolean {
  const last = segments.length - 1;
  return segments[last] === everything && after(segments, folder)[last] === true;
}

/** Where in the pattern one can be after a path: entry n is true when the segments before n may have taken it. */
function after(pattern: readonly string[], path: string): boolean[] {
  let places = skipped(pattern, [true]);
  for (const segment of path === '' ? [] : path.split('/')) {
    const next: boolean[] = [];
    for (const [at, part] of pattern.entries()) {
      if (places[at] !== true) continue;
      if (part === everything) next[at] = true;
      else if (matchesSegment(part, segment)) next[at + 1] = true;
    }
    places = skipped(pattern, next);
  }
  return places;
}

/** `**` may stand for nothing. */
function skipped(pattern: readonly string[], places: boolean[]): boolean[] {
  for (const [at, part] of pattern.entries()) if (places[at] === true && part === everything) places[at + 1] = true;
  return places;
}

/** One segment against `*` and `?`: only the last `*` is ever tried anew. */
function matchesSegment(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p;
      p += 1;
      resume = t;
    } else if (pattern[p] === '?' || (p < pattern.length && pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      resume += 1;
      t = resume;
      p = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
