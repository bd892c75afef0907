/**
 * The charts of an `index.yaml` as pieces of YAML, each a mapping of one chart's name to its versions, so that an index of many megabytes need not be
 * parsed in one go. Indentation alone decides: a line that is indented like the first chart begins another one, because whatever belongs to a chart is
 * indented deeper, or begins with a dash (YAML 1.2, sections 8.2.1 and 8.2.2).
 * @returns null for an index that is not written in blocks: it has to be parsed as a whole
 */
export function chartPieces(text: string): Iterable<string> | null {
  const start = /^entries:[ \t]*(?:#.*)?\r?\n/m.exec(text);
  if (start === null) return null;
  const from = start.index + start[0].length;
  const indent = /^(?:[ \t]*(?:#.*)?\r?\n)*( +)[^\s#-]/.exec(text.slice(from, from + 10_000))?.[1]?.length;
  return indent === undefined ? null : pieces(text, from, indent);
}

function* pieces(text: string, from: number, indent: number): Generator<string> {
  let begin = -1;
  let at = from;
  while (at < text.length) {
    const depth = depthOf(text, at);
    // another field of the document
    if (depth === 0) break;
    if (depth === indent && text[at + indent] !== '-') {
      if (begin !== -1) yield text.slice(begin, at);
      begin = at;
    }
    const newline = text.indexOf('\n', at);
    at = newline === -1 ? text.length : newline + 1;
  }
  if (begin !== -1) yield text.slice(begin, at);
}

/** Spaces before the first character of a line; -1 for an empty line or a comment. */
function depthOf(text: string, at: number): number {
  let depth = 0;
  while (text[at + depth] === ' ') depth += 1;
  const first = text[at + depth];
  return first === undefined || first === '\n' || first === '\r' || first === '#' ? -1 : depth;
}
