/** A pattern of paths, for the database. */
export interface PathGlob {
  /** literal begin of all paths that match */
  readonly prefix: string;
  /** POSIX regular expression; as the pattern decides what may repeat, it holds no nested repetitions */
  readonly expression: string;
}

const special = /[.+^${}()|[\]\\]/g;

/** A path pattern as Ant writes it: `?` one character, `*` any within a segment, `**` any number of segments. */
export function pathGlob(pattern: string): PathGlob {
  const wild = pattern.search(/[*?]/);
  const prefix = wild < 0 ? pattern : pattern.slice(0, wild);
  const expression = pattern.replace(/\*\*\/(?:\*\*\/)*|\*{2,}|[*?]|[.+^${}()|[\]\\]/g, (found) => {
    if (found.startsWith('**/')) return '(.*/)?';
    if (found.startsWith('**')) return '.*';
    if (found === '*') return '[^/]*';
    return found === '?' ? '[^/]' : found.replace(special, '\\$&');
  });
  return { prefix, expression: `^${expression}$` };
}

/** The same for a part of one segment. */
export function segmentGlob(pattern: string): string {
  return pattern.replace(/\*+|[?.+^${}()|[\]\\]/g, (found) => (found.startsWith('*') ? '[^/]*' : found === '?' ? '[^/]' : found.replace(special, '\\$&')));
}
