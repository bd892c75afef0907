import { randomUUID } from 'node:crypto';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostAuth, HostChanges, HostSummary, JumpHop, NewHost } from '../../contract/index.ts';
import type { SecretStore } from '../secrets/index.ts';
import { describeTarget, Secret, type Credential, type HostTarget } from '../ssh/index.ts';
import { deleteHostRow, insertHostRow, listHostRows, updateHostRow, type HostRow, type State } from '../state/index.ts';
import { credentialOf, nameOfSecret, secretOf, shownAuth, storedSignIn, withoutSecret, type StoredAuth, type StoredHop, type StoredSignIn } from './stored-sign-in.ts';

/** A host with everything that a connection to it needs. */
export interface HostAccess {
  /** empty for one that is not kept yet */
  readonly hostId: string;
  readonly name: string;
  readonly target: HostTarget;
  /** of the host, and of each host on the way: every one gets its own */
  readonly credentials: (hop: HostTarget) => readonly Credential[];
  readonly sudoPassword: Secret | null;
}

type Host = Omit<HostSummary, 'node'>;
type Secrets = Map<string, string>;

/** A host as it would be kept, with those of its secrets that are not in the store yet. */
export interface HostDraft {
  readonly row: HostRow;
  readonly fresh: ReadonlyMap<string, string>;
}

interface Login {
  readonly target: HostTarget;
  readonly credentials: readonly Credential[];
}

/** The machines that this app may reach. Passwords are in the secret store and nowhere else. */
export class Hosts {
  readonly #state: State;
  readonly #secrets: SecretStore;

  constructor(state: State, secrets: SecretStore) {
    this.#state = state;
    this.#secrets = secrets;
  }

  list(): Host[] {
    const rows = listHostRows(this.#state);
    return rows.map((row) => toHost(row, rows));
  }

  /** By id or name. Throws HOST_NOT_FOUND. */
  get(idOrName: string): Host {
    const rows = listHostRows(this.#state);
    return toHost(find(rows, idOrName), rows);
  }

  /** Throws HOST_EXISTS, HOST_NOT_FOUND for an unknown host on the way. */
  async add(host: NewHost): Promise<Host> {
    const draft = this.draft(host);
    // secrets first: a host that is listed can be reached
    await this.#keep(draft.fresh);
    if (insertHostRow(this.#state, draft.row)) return this.get(draft.row.id);
    for (const name of draft.fresh.keys()) this.#secrets.forget(name);
    throw new BulkheadError('HOST_EXISTS', `There is a host "${host.name}" already`);
  }

  /** What `add` would keep; `accessOf` can reach it before that. */
  draft({ name, address, port, user, auth, fallbacks = [], jump = [], hostKeyAlias, sudoPassword }: NewHost): HostDraft {
    const id = randomUUID();
    const fresh: Secrets = new Map();
    const rows = listHostRows(this.#state);
    const signIn: StoredSignIn = {
      ...stored(id, auth, fresh), fallbacks: fallbacks.map((each) => stored(id, each, fresh)),
      jump: jump.map((hop) => storedJump(id, hop, rows, fresh)), hostKeyAlias: hostKeyAlias ?? null,
      sudo: sudoPassword === undefined ? null : named(id, sudoPassword, fresh),
    };
    return { row: { id, name, address, port, user, auth: JSON.stringify(signIn) }, fresh };
  }

  /** What `change` would keep. Throws HOST_EXISTS when the new name is taken, ARGUMENT_INVALID when a way would lead through the host itself. */
  draftOf(idOrName: string, changes: HostChanges): HostDraft {
    const rows = listHostRows(this.#state);
    const row = find(rows, idOrName);
    const { id } = row;
    const fresh: Secrets = new Map();
    const { name = row.name, address = row.address, port = row.port, user = row.user, auth, fallbacks, jump, hostKeyAlias, sudoPassword } = changes;
    if (rows.some((other) => other.id !== id && other.name === name)) throw new BulkheadError('HOST_EXISTS', `There is a host "${name}" already`);
    const { fallbacks: oldFallbacks, jump: oldJump, hostKeyAlias: oldAlias, sudo: oldSudo, ...first } = signInOf(row);
    const signIn: StoredSignIn = {
      ...(auth === undefined ? first : stored(id, auth, fresh)),
      fallbacks: fallbacks?.map((each) => stored(id, each, fresh)) ?? oldFallbacks,
      jump: jump?.map((hop) => storedJump(id, hop, rows, fresh)) ?? oldJump,
      hostKeyAlias: hostKeyAlias === undefined ? oldAlias : hostKeyAlias,
      sudo: sudoPassword === undefined ? oldSudo : sudoPassword === null ? null : named(id, sudoPassword, fresh),
    };
    const draft = { row: { id, name, address, port, user, auth: JSON.stringify(signIn) }, fresh };
    hopsOf(draft.row, rows.map((other) => (other.id === id ? draft.row : other)));
    return draft;
  }

  /** Keeps what `draftOf` has made; secrets that are needed no more are forgotten last. */
  async change({ row, fresh }: HostDraft): Promise<Host> {
    const before = find(listHostRows(this.#state), row.id);
    await this.#keep(fresh);
    updateHostRow(this.#state, row);
    const kept = new Set(secretNames(signInOf(row)));
    for (const name of secretNames(signInOf(before))) if (!kept.has(name)) this.#secrets.forget(name);
    return this.get(row.id);
  }

  /** Throws HOST_IN_USE while others are reached through it. */
  remove(idOrName: string): void {
    const rows = listHostRows(this.#state);
    const row = find(rows, idOrName);
    const users = rows.filter((other) => signInOf(other).jump.some((hop) => 'hostId' in hop && hop.hostId === row.id));
    if (users.length > 0) throw new BulkheadError('HOST_IN_USE', `${users.map(({ name }) => `"${name}"`).join(', ')} is reached through "${row.name}"`, { hint: 'Give it another way first.' });
    deleteHostRow(this.#state, row.id);
    for (const name of secretNames(signInOf(row))) this.#secrets.forget(name);
  }

  async access(idOrName: string): Promise<HostAccess> {
    return this.accessOf({ row: find(listHostRows(this.#state), idOrName), fresh: new Map() });
  }

  /** The way to a host as it is drafted. Throws HOST_NOT_FOUND, ARGUMENT_INVALID when it leads in a circle. */
  async accessOf({ row, fresh }: HostDraft): Promise<HostAccess> {
    const rows = listHostRows(this.#state).map((other) => (other.id === row.id ? row : other));
    const logins: Login[] = [];
    for (const hop of [...hopsOf(row, rows), ownHop(row)]) {
      const credentials: Credential[] = [];
      for (const auth of hop.auths) credentials.push(...credentialOf(auth, await this.#read(nameOfSecret(auth), fresh)));
      logins.push({ target: hop.target, credentials });
    }
    const last = logins.at(-1);
    if (last === undefined) throw new BulkheadError('INTERNAL', 'a host without itself');
    const sudo = await this.#read(signInOf(row).sudo ?? undefined, fresh);
    const byLogin = new Map(logins.map(({ target, credentials }) => [describeTarget(target), credentials]));
    return {
      hostId: row.id, name: row.name,
      target: { ...last.target, jump: logins.slice(0, -1).map(({ target }) => target) },
      credentials: (hop) => byLogin.get(describeTarget(hop)) ?? [],
      sudoPassword: sudo === undefined ? null : new Secret(sudo),
    };
  }

  async #keep(fresh: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, value] of fresh) await this.#secrets.write(name, value);
  }

  async #read(name: string | undefined, fresh: ReadonlyMap<string, string>): Promise<string | undefined> {
    return name === undefined ? undefined : fresh.get(name) ?? await this.#secrets.read(name);
  }
}

interface Hop {
  readonly target: HostTarget;
  readonly auths: readonly StoredAuth[];
}

function ownHop(row: HostRow): Hop {
  const { fallbacks, jump: _jump, hostKeyAlias, sudo: _sudo, ...first } = signInOf(row);
  const { address, port, user } = row;
  return { target: { address, port, user, jump: [], ...(hostKeyAlias === null ? {} : { hostKeyAlias }) }, auths: [first, ...fallbacks] };
}

/** The hosts on the way, the first one first; those that the app knows bring their own way along. */
function hopsOf(row: HostRow, rows: readonly HostRow[], before: readonly string[] = []): Hop[] {
  if (before.includes(row.id)) throw new BulkheadError('ARGUMENT_INVALID', `The way to "${row.name}" leads through itself`);
  return signInOf(row).jump.flatMap((hop): Hop[] => {
    if (!('hostId' in hop)) return [{ target: { address: hop.address, port: hop.port, user: hop.user, jump: [] }, auths: [hop.auth] }];
    const known = find(rows, hop.hostId);
    return [...hopsOf(known, rows, [...before, row.id]), ownHop(known)];
  });
}

function storedJump(id: string, hop: JumpHop, rows: readonly HostRow[], fresh: Secrets): StoredHop {
  if ('host' in hop) return { hostId: find(rows, hop.host).id };
  const { address, port, user, auth = { kind: 'agent' } } = hop;
  return { address, port, user, auth: stored(id, auth, fresh) };
}

function stored(id: string, auth: HostAuth, fresh: Secrets): StoredAuth {
  const value = secretOf(auth);
  return withoutSecret(auth, value === undefined ? undefined : named(id, value, fresh));
}

/** Gives a secret a name that was never used. */
function named(id: string, value: string, fresh: Secrets): string {
  const name = `host/${id}/${randomUUID()}`;
  fresh.set(name, value);
  return name;
}

function secretNames({ fallbacks, jump, sudo, ...first }: StoredSignIn): string[] {
  const auths = [first, ...fallbacks, ...jump.flatMap((hop) => ('auth' in hop ? [hop.auth] : []))];
  return [...auths.map(nameOfSecret), sudo ?? undefined].filter((name) => name !== undefined);
}

function find(rows: readonly HostRow[], idOrName: string): HostRow {
  const row = rows.find(({ id }) => id === idOrName) ?? rows.find(({ name }) => name === idOrName);
  if (row === undefined) throw new BulkheadError('HOST_NOT_FOUND', `There is no host "${idOrName}"`);
  return row;
}

function signInOf({ auth }: HostRow): StoredSignIn {
  return storedSignIn.parse(JSON.parse(auth));
}

function toHost(row: HostRow, rows: readonly HostRow[]): Host {
  const { id, name, address, port, user } = row;
  const { fallbacks, jump, hostKeyAlias, sudo, ...first } = signInOf(row);
  return {
    hostId: id, name, address, port, user,
    auth: first.kind, signIn: [first, ...fallbacks].map(shownAuth),
    jump: jump.flatMap((hop): Host['jump'] => {
      if (!('hostId' in hop)) return [{ host: null, user: hop.user, address: hop.address, port: hop.port }];
      const known = rows.find((other) => other.id === hop.hostId);
      return known === undefined ? [] : [{ host: known.name, user: known.user, address: known.address, port: known.port }];
    }),
    hostKeyAlias, hasSudoPassword: sudo !== null,
  };
}
