import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/build.ts';

const verdicts = ['done', 'different', 'absent', 'ours'] as const;
export type Verdict = typeof verdicts[number];

export interface DocumentedCall {
  readonly method: string;
  /** with `{name}` for what a caller fills in; without query */
  readonly path: string;
}

/** One line of a table of docs/api.md. */
export interface DocumentedRow {
  /** its first cell, without marks */
  readonly title: string;
  readonly calls: readonly DocumentedCall[];
  /** null in tables that hold nothing against Artifactory */
  readonly verdict: Verdict | null;
}

/** All rows of docs/api.md that name calls. */
export function documentedRows(text = readFileSync(join(projectRoot, 'docs/api.md'), 'utf8')): DocumentedRow[] {
  return text.split('\n').filter((line) => line.startsWith('| ')).map(rowOf).filter(({ calls }) => calls.length > 0);
}

function rowOf(line: string): DocumentedRow {
  const [first = '', second = ''] = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.replaceAll('\\|', '|').trim());
  return { title: first.replaceAll('`', ''), calls: callsIn(first), verdict: verdicts.find((verdict) => verdict === second) ?? null };
}

/** `GET`, `PUT /a`, `GET /b` are three calls: a method without a path has that of the next one. */
function callsIn(cell: string): DocumentedCall[] {
  const calls: DocumentedCall[] = [];
  let waiting: string[] = [];
  for (const [, span = ''] of cell.matchAll(/`([^`]+)`/g)) {
    const [, method, path] = /^(GET|HEAD|PUT|POST|PATCH|DELETE)(?: (\/\S*))?/.exec(span) ?? [];
    if (method === undefined) continue;
    waiting.push(method);
    if (path === undefined) continue;
    calls.push(...waiting.map((each) => ({ method: each, path: path.replace(/[?[].*$/, '') })));
    waiting = [];
  }
  return calls;
}

/** Where a documented path is found on a node. */
export function addressOf(path: string): string {
  return path.startsWith('/access/') ? path : `/artifactory${path}`;
}

/** The same for a route and for the documentation of it; a repository with and without a path in it is one. */
export function shapeOf(address: string): string {
  return address.replace(/\/(?::repository|\{repo\})(?:\/(?:\*|\{path\}))?$/, '/{}').replaceAll(/:[A-Za-z]+|\{[^}]+\}|\*/g, '{}');
}
