import { existsSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostAuth, HostSummary, ImportableHost, JumpHop, NewHost, SshConfigPreview } from '../../contract/index.ts';
import { aliasesOf, readConfig, resolveHost, type LocalSide, type ReadConfig, type ResolvedHost, type ResolvedLogin } from '../ssh/index.ts';
import { aliasOf } from './ways.ts';

type Known = Omit<HostSummary, 'node'>;

/** ssh_config, read once, and what of it can become hosts of the app. */
export class SshConfigImport {
  readonly #read: ReadConfig;
  readonly #local: LocalSide;
  readonly #aliases: readonly string[];
  readonly #resolved: ReadonlyMap<string, ResolvedHost>;

  /** Throws ARGUMENT_INVALID when there is no such file. */
  constructor(source: { text?: string | undefined; path?: string | undefined }, local: LocalSide = thisMachine()) {
    this.#local = local;
    this.#read = open(source, local);
    this.#aliases = aliasesOf(this.#read.file);
    this.#resolved = new Map(this.#aliases.map((alias) => [alias, resolveHost(this.#read.file, alias, local)]));
  }

  preview(known: readonly Known[]): SshConfigPreview {
    const hosts = [...this.#resolved.values()].map(({ alias, identityFiles, jump, notHonoured, problem, hasOwnKeys: _own, keyAgent: _agent, ...login }): ImportableHost => {
      const name = hostNameOf(alias);
      return {
        ...login, alias, name, identityFiles: [...identityFiles], problem, notHonoured: [...notHonoured],
        jump: jump.map((hop) => ({ alias: hop.alias, user: hop.user, address: hop.address, port: hop.port })),
        state: problem === null ? stateOf(login, known.find((host) => host.name === name)) : 'impossible',
      };
    });
    return { files: [...this.#read.files], hosts, warnings: [...this.#read.warnings] };
  }

  /** These hosts and those on their way, in an order in which each can refer to the ones before. Throws ARGUMENT_INVALID for a name that the file does not have. */
  chosen(aliases: readonly string[], known: readonly Known[]): { alias: string; host: NewHost | null; problem: string | null; isAsked: boolean }[] {
    const done = new Map<string, { alias: string; host: NewHost | null; problem: string | null; isAsked: boolean }>();
    const take = (alias: string): void => {
      const resolved = this.#resolved.get(alias);
      if (resolved === undefined) throw new BulkheadError('ARGUMENT_INVALID', `ssh_config names no host "${alias}"`);
      if (done.has(alias)) return;
      const through = this.#knownHop(resolved);
      if (through !== null) take(through.alias);
      const isAsked = aliases.includes(alias);
      const { problem } = resolved;
      done.set(alias, { alias, problem, isAsked, host: problem === null ? this.#newHost(resolved, through, known) : null });
    };
    for (const alias of aliases) take(alias);
    return [...done.values()];
  }

  /** The last host on the way that has a name of its own in the file and would be reached in the same way without the target. */
  #knownHop({ jump }: ResolvedHost): { alias: string; index: number } | null {
    for (let index = jump.length - 1; index >= 0; index -= 1) {
      const hop = jump[index];
      const own = hop === undefined ? undefined : this.#resolved.get(hop.alias);
      if (hop === undefined || own?.problem !== null) continue;
      if (isSameLogin(hop, own) && own.jump.length === index && own.jump.every((each, at) => isSameLogin(each, jump[at]))) return { alias: hop.alias, index };
    }
    return null;
  }

  #newHost(resolved: ResolvedHost, through: { alias: string; index: number } | null, known: readonly Known[]): NewHost {
    const { alias, address, port, user, jump, hostKeyAlias } = resolved;
    const [auth, ...fallbacks] = this.#auths(resolved);
    // another host of that name would lead elsewhere
    const name = through === null ? null : hostNameOf(through.alias);
    const sameName = known.find((host) => host.name === name);
    const first = name !== null && through !== null && (sameName === undefined || isSameLogin(sameName, jump[through.index])) ? { host: name } : null;
    const written = first === null || through === null ? jump : jump.slice(through.index + 1);
    return {
      name: hostNameOf(alias), address, port, user, auth, fallbacks: fallbacks.slice(0, 8),
      jump: [...(first === null ? [] : [first]), ...written.map((hop) => this.#hop(hop))],
      ...aliasOf({ hostKeyAlias }),
    };
  }

  #hop(login: ResolvedLogin): JumpHop {
    const [auth, ...fallbacks] = this.#auths(login);
    return { address: login.address, port: login.port, user: login.user, auth, fallbacks: fallbacks.slice(0, 8), ...aliasOf(login) };
  }

  /** Keys that are named come before the agent: it may hold so many that the host has had enough before the right one. */
  #auths({ identityFiles, identityAgent, keyAgent, hasOwnKeys }: ResolvedLogin): [HostAuth, ...HostAuth[]] {
    const keys = identityFiles.map((file): HostAuth => ({ kind: 'key', file, ...(keyAgent === null ? {} : { agent: keyAgent }) }));
    const hasAgent = identityAgent !== 'none' && (identityAgent !== null || (this.#local.environment['SSH_AUTH_SOCK'] ?? '') !== '' || keys.length === 0);
    const agent: HostAuth[] = hasAgent ? [{ kind: 'agent', ...(identityAgent === null ? {} : { socket: identityAgent }) }] : [];
    const [first, ...rest] = hasOwnKeys ? [...keys, ...agent] : [...agent, ...keys];
    // nothing that could be shown: a person has to answer
    return first === undefined ? [{ kind: 'keyboard-interactive' }] : [first, ...rest];
  }
}

function open({ text, path }: { text?: string | undefined; path?: string | undefined }, local: LocalSide): ReadConfig {
  if (text !== undefined) return readConfig({ path: 'ssh_config', text }, local);
  const asked = path ?? '~/.ssh/config';
  const file = asked.startsWith('~/') ? join(local.home, asked.slice(2)) : asked;
  if (!isAbsolute(file)) throw new BulkheadError('ARGUMENT_INVALID', `"${asked}" is not an absolute path`);
  try {
    return readConfig({ path: file }, local);
  } catch (error) {
    throw new BulkheadError('ARGUMENT_INVALID', `${file} cannot be read`, { cause: error, details: { path: file, reason: error instanceof Error && 'code' in error ? error.code : 'unknown' } });
  }
}

function thisMachine(): LocalSide {
  return { home: homedir(), user: userInfo().username, hostName: hostname(), environment: process.env, exists: existsSync };
}

/** An alias may hold what a name of a host may not. */
function hostNameOf(alias: string): string {
  return alias.replace(/[^a-z0-9.-]+/gi, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 63).replace(/[-.]+$/, '') || 'host';
}

type Login = Pick<ResolvedLogin, 'address' | 'port' | 'user'>;

function isSameLogin(one: Login, other: Login | undefined): boolean {
  return one.address.toLowerCase() === other?.address.toLowerCase() && one.port === other.port && one.user === other.user;
}

function stateOf(login: Login, known: Known | undefined): ImportableHost['state'] {
  if (known === undefined) return 'new';
  return isSameLogin(login, known) ? 'same' : 'different';
}
