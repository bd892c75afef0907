import { asksForFinal, evaluateMatch } from './match-criteria.ts';
import { matchesPatterns } from '../pattern.ts';
import type { ConfigFile, Directive } from './read-config.ts';

/** What ssh would use for one host: of each keyword the first value that was found, of those that add up all. */
export interface Evaluated {
  readonly first: ReadonlyMap<string, Directive>;
  readonly identityFiles: readonly string[];
  /** every directive that holds for this host, also those that are not the first */
  readonly active: readonly Directive[];
  /** Match lines that may hold, with what they ask for that is not evaluated here */
  readonly undecided: readonly { readonly match: Directive; readonly criterion: string }[];
}

export interface HostQuery {
  readonly alias: string;
  /** given beside the alias, as in `ssh user@alias` */
  readonly user?: string;
  readonly localUser: string;
}

/**
 * Goes through the file as OpenSSH does: from top to bottom, and the first value of each keyword stays; for a second time, under the name that
 * HostName has given the host, where a Match line asks for `final`.
 */
export function evaluateConfig(file: ConfigFile, query: HostQuery): Evaluated {
  const first = new Map<string, Directive>();
  const identityFiles: string[] = [];
  const active: Directive[] = [];
  const undecided: { match: Directive; criterion: string }[] = [];

  let isFinal = false;
  const present = (): string => {
    const hostName = first.get('hostname')?.args[0];
    return hostName === undefined ? query.alias : expandHostName(hostName, query.alias);
  };

  const holds = (condition: Directive | null, isActive: boolean): boolean => {
    if (!isActive || condition === null) return isActive;
    if (condition.keyword === 'host') return matchesPatterns(condition.args, isFinal ? present().toLowerCase() : query.alias);
    const verdict = evaluateMatch(condition.rest, {
      host: present(), originalHost: query.alias, user: query.user ?? first.get('user')?.args[0] ?? query.localUser, localUser: query.localUser, isFinal,
    });
    if (verdict.kind === 'unknown' && !undecided.some(({ match }) => match.at === condition.at)) undecided.push({ match: condition, criterion: verdict.criterion });
    return verdict.kind === 'yes';
  };

  const walk = ({ sections }: ConfigFile, isActive: boolean): void => {
    for (const { condition, body } of sections) {
      const isHere = holds(condition, isActive);
      for (const line of body) {
        if ('files' in line) for (const included of line.files) walk(included, isHere);
        else if (isHere) note(line);
      }
    }
  };

  const note = (line: Directive): void => {
    // the name that the first pass has found stays
    if (isFinal && line.keyword === 'hostname') return;
    if (!active.some(({ at }) => at === line.at)) active.push(line);
    const [value] = line.args;
    if (line.keyword === 'identityfile') {
      if (value !== undefined && !identityFiles.includes(value)) identityFiles.push(value);
      return;
    }
    // of these two ways to a host the first one counts
    const key = line.keyword === 'proxycommand' ? 'proxyjump' : line.keyword;
    if (!first.has(key)) first.set(key, line);
  };

  walk(file, true);
  isFinal = hasFinal(file);
  if (isFinal) walk(file, true);
  return { first, identityFiles, active, undecided };
}

function hasFinal({ sections }: ConfigFile): boolean {
  return sections.some(({ condition, body }) => (condition?.keyword === 'match' && asksForFinal(condition.rest)) || body.some((line) => 'files' in line && line.files.some(hasFinal)));
}

/** HostName knows two tokens. */
export function expandHostName(value: string, alias: string): string {
  return value.replace(/%([%h])/g, (_, token) => (token === 'h' ? alias : '%'));
}
