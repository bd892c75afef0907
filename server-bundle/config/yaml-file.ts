import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { configError, pathText, positionOf, type ConfigProblem } from './problems.ts';

/** Checks beyond the schema: what fields mean together, and the files they name. */
export type Rules<T> = (value: T) => Iterable<RuleProblem> | AsyncIterable<RuleProblem>;

export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Reads a YAML file and holds it against a schema and rules.
 *
 * @throws CONFIG_INVALID that names every problem with its path and line, not only the first
 */
export async function readYamlFile<S extends z.ZodType>(
  file: string,
  schema: S,
  prepare: (value: z.output<S>) => z.output<S> = (value) => value,
  rules: Rules<z.output<S>> = () => [],
): Promise<z.output<S>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw configError(file, [{ path: '', message: `cannot be read (${errnoOf(error)})`, line: null, column: null }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const syntax = document.errors.map((error): ConfigProblem => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { path: '', message: firstLine(error.message), line, column: col };
  });
  if (syntax.length > 0) throw configError(file, syntax);

  const located = (path: readonly PropertyKey[], message: string): ConfigProblem =>
    ({ path: pathText(path), message, ...positionOf(document, lines, path) });
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw configError(file, parsed.error.issues.flatMap((issue) => describe(issue, located)));

  const value = prepare(parsed.data);
  const problems: ConfigProblem[] = [];
  for await (const problem of rules(value)) problems.push(located(problem.path, problem.message));
  if (problems.length > 0) throw configError(file, problems);
  return value;
}

function describe(issue: z.core.$ZodIssue, located: (path: readonly PropertyKey[], message: string) => ConfigProblem): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => located([...issue.path, key], 'is not a known key'));
  if (issue.code === 'invalid_type' && issue.input === undefined) return [located(issue.path, `is missing (${issue.expected} expected)`)];
  return [located(issue.path, issue.message)];
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}

/** `ENOENT`, `EACCES`…, never the text of an error. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
