import type { Action } from '../principal.ts';
import { pathPattern, type PathPattern } from './path-pattern.ts';

/** What a token is good for. */
export interface TokenScope {
  /** whose rights it carries at most: its user's, an administrator's, or those of groups */
  readonly base: 'user' | 'admin' | { readonly groups: readonly string[] };
  /** what is left of them; null: all */
  readonly only: readonly Narrowing[] | null;
}

/** One part of what a narrowed token may. */
export interface Narrowing {
  readonly repository: string;
  readonly actions: ReadonlySet<Action>;
  readonly includes: readonly PathPattern[];
  readonly excludes: readonly PathPattern[];
}

export const wholeUser = 'applied-permissions/user';

const letters: ReadonlyMap<string, Action> = new Map([['r', 'read'], ['w', 'deploy'], ['n', 'annotate'], ['a', 'annotate'], ['d', 'delete'], ['m', 'manage']]);

/**
 * Artifactory's forms, separated by spaces: `applied-permissions/user`, `applied-permissions/admin`, `applied-permissions/groups:a,b`
 * (`member-of-groups:a,b`; `member-of-groups:*` are the user's own), `api:*`, and to narrow them `artifact:REPOSITORY[/PATTERN]:r,w,n,d,m`
 * (`*` for all five).
 * @returns undefined for what is none of them
 */
export function parseScope(text: string): TokenScope | undefined {
  let base: TokenScope['base'] | undefined;
  const only: Narrowing[] = [];
  for (const element of elementsOf(text)) {
    if (element === 'api:*') continue;
    if (element.startsWith('artifact:')) {
      const narrowing = parseNarrowing(element);
      if (narrowing === undefined) return undefined;
      only.push(narrowing);
      continue;
    }
    const found = parseBase(element);
    if (found === undefined || base !== undefined) return undefined;
    base = found;
  }
  return { base: base ?? 'user', only: only.length === 0 ? null : only };
}

/** Whether it leaves its user all rights. */
export function isWhole(scope: TokenScope): boolean {
  return scope.base === 'user' && scope.only === null;
}

/** The text of a scope that narrows to these parts. */
export function narrowingText(parts: readonly { readonly repository: string; readonly pattern: string; readonly actions: readonly Action[] }[]): string {
  const letterOf = (action: Action): string => [...letters].find(([, each]) => each === action)?.[0] ?? '';
  return parts.map(({ repository, pattern, actions }) => `artifact:${repository}/${pattern.replaceAll(' ', '%20')}:${actions.map(letterOf).join(',')}`).join(' ');
}

function elementsOf(text: string): string[] {
  // names of groups may be quoted, and then hold spaces
  return (text.match(/(?:"[^"]*"|[^\s"])+/g) ?? []);
}

function parseBase(element: string): TokenScope['base'] | undefined {
  if (element === wholeUser || element === 'member-of-groups:*') return 'user';
  if (element === 'applied-permissions/admin') return 'admin';
  const listed = /^(?:applied-permissions\/groups|member-of-groups):(.+)$/.exec(element)?.[1];
  const groups = listed?.split(',').map((name) => name.replaceAll('"', '').trim());
  return groups === undefined || groups.some((name) => name === '') ? undefined : { groups };
}

function parseNarrowing(element: string): Narrowing | undefined {
  const [, repository = '', path, given = ''] = /^artifact:([A-Za-z0-9._-]+)(?:\/(.*))?:([a-z,*]+)$/.exec(element) ?? [];
  if (repository === '') return undefined;
  const wanted = given === '*' ? [...letters.values()] : given.split(',').map((letter) => letters.get(letter));
  const actions = new Set(wanted.filter((action) => action !== undefined));
  if (actions.size === 0 || wanted.includes(undefined)) return undefined;
  return { repository, actions, includes: [pathPattern(path === undefined || path === '' || path === '*' ? '**' : path.replaceAll('%20', ' '))], excludes: [] };
}
