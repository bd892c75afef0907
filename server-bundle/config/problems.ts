import { isMap, isNode, isPair, type Document, type LineCounter } from 'yaml';
import { BulkheadError } from '../contract/index.ts';

/** One thing that is wrong with a configuration file. */
export interface ConfigProblem {
  /** for example `database.pool.min`; empty for the file as a whole */
  readonly path: string;
  readonly message: string;
  /** 1-based; null when the problem is that something is not there and has no line */
  readonly line: number | null;
  readonly column: number | null;
}

/** `database.pool.min`, `http.trustedProxies[0]` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${String(part)}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Position of the key at `path`, or of its nearest parent that is in the file. */
export function positionOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): Pick<ConfigProblem, 'line' | 'column'> {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset === null) continue;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  }
  return { line: null, column: null };
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(path.at(-1)));
    return pair !== undefined && isNode(pair.key) ? pair.key.range?.[0] ?? null : null;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] ?? null : null;
}

/** All problems of a file as one error; its message has a line for each. */
export function configError(file: string, problems: readonly ConfigProblem[]): BulkheadError {
  const lines = problems.map((problem) => {
    const place = problem.line === null ? file : `${file}:${String(problem.line)}:${String(problem.column ?? 1)}`;
    return problem.path === '' ? `${place}: ${problem.message}` : `${place}: ${problem.path}: ${problem.message}`;
  });
  return new BulkheadError('CONFIG_INVALID', lines.join('\n'), { details: { file, problems } });
}
