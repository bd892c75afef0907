import { join } from 'node:path';
import { parseHostAddress } from '../../../contract/index.ts';
import { evaluateConfig, expandHostName, type Evaluated } from './evaluate.ts';
import { whyNotHonoured } from './not-honoured.ts';
import type { ConfigFile, Directive } from './read-config.ts';

/** What of this machine ssh_config may refer to. */
export interface LocalSide {
  readonly home: string;
  readonly user: string;
  readonly hostName: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly exists: (path: string) => boolean;
}

export interface ResolvedLogin {
  readonly alias: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** those that are named; the usual ones that exist when none is */
  readonly identityFiles: readonly string[];
  readonly hasOwnKeys: boolean;
  /** null: that of SSH_AUTH_SOCK; `none`: no agent is asked */
  readonly identityAgent: string | null;
  /** where the named keys are looked for when their files cannot be used by themselves; as `identityAgent`, whatever else that agent may show */
  readonly keyAgent: string | null;
  readonly hostKeyAlias: string | null;
}

export interface NotHonoured {
  readonly directive: string;
  readonly value: string;
  readonly at: string;
  readonly why: string;
}

/** What `ssh ALIAS` would connect to, and over which hosts. */
export interface ResolvedHost extends ResolvedLogin {
  /** the first one first */
  readonly jump: readonly ResolvedLogin[];
  /** why it cannot be reached as ssh would */
  readonly problem: string | null;
  readonly notHonoured: readonly NotHonoured[];
}

/** in the order in which ssh tries them */
const usualFiles = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519'];

/** @param asked user and port that were given beside the alias, as in `user@alias:port` */
export function resolveHost(file: ConfigFile, alias: string, local: LocalSide, asked: { user?: string; port?: number } = {}): ResolvedHost {
  return resolve(file, alias, local, asked, []);
}

interface Asked {
  readonly user?: string;
  readonly port?: number;
  /** hosts on the way that were given with it: its own ones do not count then */
  readonly jump?: readonly string[];
}

function resolve(file: ConfigFile, alias: string, local: LocalSide, asked: Asked, before: readonly string[]): ResolvedHost {
  const found = evaluateConfig(file, { alias, localUser: local.user, ...(asked.user === undefined ? {} : { user: asked.user }) });
  const problems: string[] = [];
  const text = (keyword: string): string | null => found.first.get(keyword)?.args[0] ?? null;
  const address = expandHostName(text('hostname') ?? alias, alias).toLowerCase();
  const user = asked.user ?? text('user') ?? local.user;
  const port = asked.port ?? portOf(text('port'), problems);
  const expand = (value: string): string => expandTokens(value, { alias, address, user, port, hostKeyAlias: text('hostkeyalias') ?? address }, local, problems);
  const keyAgent = agentOf(text('identityagent'), local, expand);
  // an agent may hold many more keys than those that are named: it is not asked when only those may be shown
  const identityAgent = text('identitiesonly')?.toLowerCase() === 'yes' ? 'none' : keyAgent;
  const login: ResolvedLogin = { alias, address, port, user, identityFiles: identityFilesOf(found, local, expand), hasOwnKeys: found.identityFiles.length > 0, identityAgent, keyAgent, hostKeyAlias: text('hostkeyalias') };

  const way = asked.jump ?? wayOf(found, problems).map(expand);
  const jump: ResolvedLogin[] = [];
  const more: NotHonoured[] = [];
  const last = way.at(-1);
  if (last !== undefined) {
    if (before.includes(last) || before.length > 8) problems.push(`ProxyJump leads in a circle, over ${last}`);
    else {
      const hop = hopOf(file, last, way.slice(0, -1), local, [...before, last], problems);
      if (hop !== null) {
        const { jump: farther, problem, notHonoured, ...own } = hop;
        jump.push(...farther, own);
        more.push(...notHonoured);
        if (problem !== null) problems.push(`${last}: ${problem}`);
      }
    }
  }
  return { ...login, jump, problem: problems[0] ?? null, notHonoured: unique([...notHonouredOf(found), ...more]) };
}

/** `ssh -J A,B C` reaches B over A, and A in its own way. */
function hopOf(file: ConfigFile, text: string, earlier: readonly string[], local: LocalSide, before: readonly string[], problems: string[]): ResolvedHost | null {
  try {
    const { user, address, port } = parseHostAddress(text);
    const named = /:\d+\/?$/.test(text.replace(/^.*@/, '')) && (text.includes(']:') || !/:.*:/.test(text.replace(/^ssh:\/\//, '')));
    const asked = { ...(user === null ? {} : { user }), ...(named ? { port } : {}), ...(earlier.length === 0 ? {} : { jump: earlier }) };
    return resolve(file, address, local, asked, before);
  } catch {
    problems.push(`"${text}" in ProxyJump is not a host`);
    return null;
  }
}

/** The hosts of ProxyJump as written. Of ProxyJump and ProxyCommand the first one counts, but "ProxyJump none" leaves room for a command. */
function wayOf({ active }: Evaluated, problems: string[]): string[] {
  let isDirect = false;
  for (const { keyword, rest } of active) {
    const value = rest.split(/\s/)[0] ?? '';
    const isNone = value.toLowerCase() === 'none';
    if (keyword === 'proxycommand') {
      if (!isNone) problems.push('it is reached by a command of this machine (ProxyCommand)');
      return [];
    }
    if (keyword === 'proxyjump' && !isDirect) {
      if (!isNone) return value.split(',');
      isDirect = true;
    }
  }
  return [];
}

function portOf(text: string | null, problems: string[]): number {
  const port = Number(text ?? 22);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  problems.push(`"${text ?? ''}" is not a port`);
  return 22;
}

function identityFilesOf({ identityFiles }: Evaluated, { home, exists }: LocalSide, expand: (value: string) => string): string[] {
  if (identityFiles.length === 0) return usualFiles.map((path) => join(home, path.slice(2))).filter(exists);
  return identityFiles.filter((path) => path.toLowerCase() !== 'none').map(expand);
}

function agentOf(agent: string | null, { environment }: LocalSide, expand: (value: string) => string): string | null {
  if (agent === null || agent === 'SSH_AUTH_SOCK') return null;
  if (agent.toLowerCase() === 'none') return 'none';
  if (/^\$\w+$/.test(agent)) return environment[agent.slice(1)] ?? 'none';
  return expand(agent);
}

/** Tokens (ssh_config(5), "TOKENS"), environment variables, and `~`. */
function expandTokens(value: string, host: { alias: string; address: string; user: string; port: number; hostKeyAlias: string }, local: LocalSide, problems: string[]): string {
  const tokens: Readonly<Record<string, string>> = {
    '%': '%', d: local.home, h: host.address, k: host.hostKeyAlias, L: local.hostName.split('.')[0] ?? '', l: local.hostName, n: host.alias, p: String(host.port), r: host.user, u: local.user,
  };
  const tilde = value === '~' || value.startsWith('~/') ? join(local.home, value.slice(1)) : value;
  return tilde.replace(/%(.)|\$\{(\w+)\}/g, (whole, token: string | undefined, variable: string | undefined) => {
    const found = token === undefined ? local.environment[variable ?? ''] : tokens[token];
    if (found === undefined) problems.push(`${whole} in "${value}" stands for nothing here`);
    return found ?? whole;
  });
}

function notHonouredOf({ active, undecided }: Evaluated): NotHonoured[] {
  const lines = active.flatMap((line) => {
    const why = whyNotHonoured(line.keyword);
    return why === null || isNoCommand(line) ? [] : [{ directive: line.keyword, value: line.rest, at: line.at, why }];
  });
  const matches = undecided.map(({ match, criterion }) => ({ directive: 'match', value: match.rest, at: match.at, why: `"${criterion}" is not evaluated here: what stands below it is left out` }));
  return [...lines, ...matches];
}

function isNoCommand({ keyword, args }: Directive): boolean {
  return keyword === 'proxycommand' && args[0]?.toLowerCase() === 'none';
}

function unique(list: readonly NotHonoured[]): NotHonoured[] {
  return [...new Map(list.map((each) => [each.at, each])).values()];
}
