import { randomUUID } from 'node:crypto';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { FleetHost, HostAuth, HostChanges, HostSummary, JumpHop, NewHost } from '../../contract/index.ts';
import type { SecretStore } from '../secrets/index.ts';
import { describeTarget, Secret, type Credential, type HostTarget } from '../ssh/index.ts';
import { deleteHostRow, insertHostRow, listHostRows, updateHostRow, type HostRow, type State } from '../state/index.ts';
import { credentialOf, isSameWay, keyOf, nameOfSecret, secretOf, withoutSecret, type StoredAuth, type StoredHop, type StoredSignIn } from './stored-sign-in.ts';
import { aliasOf, authsOf, exportedHost, findRow, secretNames, shownHost, signInOf, wayTo } from './ways.ts';

/** A host with everything that a connection to it needs. */
export interface HostAccess {
  /** of one that is not kept yet it stands for nothing */
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

/** The machines that this app may reach. Passwords are in the secret store and nowhere else. */
export class Hosts {
  readonly #state: State;
  readonly #secrets: SecretStore;

  constructor(state: State, secrets: SecretStore) {
    this.#state = state;
    this.#secrets = secrets;
  }

  list(): Host[] {
    const rows = this.#rows();
    return rows.map((row) => shownHost(row, rows));
  }

  /** By id or name. Throws HOST_NOT_FOUND. */
  get(idOrName: string): Host {
    const rows = this.#rows();
    return shownHost(findRow(rows, idOrName), rows);
  }

  /** As a fleet file has them; all of them when none is named. */
  exported(idsOrNames?: readonly string[]): FleetHost[] {
    const rows = this.#rows();
    const chosen = idsOrNames?.map((each) => findRow(rows, each)) ?? rows;
    return chosen.map((row) => exportedHost(row, rows));
  }

  /** Throws HOST_EXISTS, HOST_NOT_FOUND for an unknown host on the way. */
  async add(host: NewHost): Promise<Host> {
    return this.insert(this.draft(host));
  }

  /** What `add` would keep; `accessOf` can reach it before that. */
  draft({ name, address, port, user, auth, fallbacks = [], jump = [], hostKeyAlias, sudoPassword }: NewHost): HostDraft {
    const id = randomUUID();
    const fresh: Secrets = new Map();
    const rows = this.#rows();
    const signIn: StoredSignIn = {
      ...stored(id, auth, fresh), fallbacks: fallbacks.map((each) => stored(id, each, fresh)),
      jump: jump.map((hop) => storedJump(id, hop, rows, fresh)), hostKeyAlias: hostKeyAlias ?? null,
      sudo: sudoPassword === undefined ? null : named(id, sudoPassword, fresh),
    };
    return { row: { id, name, address, port, user, auth: JSON.stringify(signIn) }, fresh };
  }

  /** What `change` would keep. Throws HOST_EXISTS when the new name is taken, ARGUMENT_INVALID when a way would lead through the host itself. */
  draftOf(idOrName: string, changes: HostChanges): HostDraft {
    const rows = this.#rows();
    const row = findRow(rows, idOrName);
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
    return checked({ row: { id, name, address, port, user, auth: JSON.stringify(signIn) }, fresh }, rows);
  }

  /** What a host of a fleet file would become; of one that is known the secrets stay where the way to sign in stays. */
  draftFrom({ name, address, port, user, auth, jump, hostKeyAlias }: FleetHost): HostDraft {
    const rows = this.#rows();
    const known = rows.find((row) => row.name === name);
    const before = known === undefined ? null : signInOf(known);
    const kept = before === null ? [] : [...authsOf(before), ...before.jump.flatMap((hop) => ('auths' in hop ? hop.auths : []))];
    const withKept = (each: FleetHost['auth'][number]): StoredAuth => kept.find((old) => isSameWay(old, asStored(each))) ?? asStored(each);
    const [first, ...fallbacks] = auth.map(withKept);
    if (first === undefined) throw new BulkheadError('ARGUMENT_INVALID', `"${name}" has no way to sign in`);
    const signIn: StoredSignIn = {
      ...first, fallbacks, hostKeyAlias: hostKeyAlias ?? null, sudo: before?.sudo ?? null,
      jump: jump.map((hop) => ('host' in hop ? { hostId: findRow(rows, hop.host).id } : { address: hop.address, port: hop.port, user: hop.user, auths: hop.auth.map(withKept), ...aliasOf(hop) })),
    };
    return checked({ row: { id: known?.id ?? randomUUID(), name, address, port, user, auth: JSON.stringify(signIn) }, fresh: new Map() }, rows);
  }

  /** Keeps a new host. Throws HOST_EXISTS. */
  async insert({ row, fresh }: HostDraft): Promise<Host> {
    // secrets first: a host that is listed can be reached
    await this.#keep(fresh);
    if (insertHostRow(this.#state, row)) return this.get(row.id);
    for (const name of fresh.keys()) this.#secrets.forget(name);
    throw new BulkheadError('HOST_EXISTS', `There is a host "${row.name}" already`);
  }

  /** A host that is reached like another one: same login, port and way. It gets copies of the secrets. Throws HOST_EXISTS. */
  async addLike(idOrName: string, { name, address }: { readonly name: string; readonly address: string }): Promise<Host> {
    const like = findRow(this.#rows(), idOrName);
    const id = randomUUID();
    const fresh: Secrets = new Map();
    let text = JSON.stringify({ ...signInOf(like), hostKeyAlias: null });
    for (const secret of secretNames(signInOf(like))) {
      const value = await this.#secrets.read(secret);
      if (value !== undefined) text = text.replaceAll(JSON.stringify(secret), JSON.stringify(named(id, value, fresh)));
    }
    return this.insert({ row: { ...like, id, name, address, auth: text }, fresh });
  }

  /** Keeps what `draftOf` has made; secrets that are needed no more are forgotten last. */
  async change({ row, fresh }: HostDraft): Promise<Host> {
    const before = findRow(this.#rows(), row.id);
    await this.#keep(fresh);
    updateHostRow(this.#state, row);
    const kept = new Set(secretNames(signInOf(row)));
    for (const name of secretNames(signInOf(before))) if (!kept.has(name)) this.#secrets.forget(name);
    return this.get(row.id);
  }

  /** Throws HOST_IN_USE while others are reached through it. */
  remove(idOrName: string): void {
    const rows = this.#rows();
    const row = findRow(rows, idOrName);
    const users = rows.filter((other) => signInOf(other).jump.some((hop) => 'hostId' in hop && hop.hostId === row.id));
    if (users.length > 0) throw new BulkheadError('HOST_IN_USE', `${users.map(({ name }) => `"${name}"`).join(', ')} is reached through "${row.name}"`, { hint: 'Give it another way first.' });
    deleteHostRow(this.#state, row.id);
    for (const name of secretNames(signInOf(row))) this.#secrets.forget(name);
  }

  async access(idOrName: string): Promise<HostAccess> {
    return this.accessOf({ row: findRow(this.#rows(), idOrName), fresh: new Map() });
  }

  /** The way to a host as it is drafted. Throws HOST_NOT_FOUND, ARGUMENT_INVALID when it leads in a circle. */
  async accessOf({ row, fresh }: HostDraft): Promise<HostAccess> {
    const hops = wayTo(row, this.#rows().map((other) => (other.id === row.id ? row : other)));
    const last = hops.at(-1);
    if (last === undefined) throw new BulkheadError('INTERNAL', 'a host without itself');
    const byLogin = new Map<string, Credential[]>();
    for (const { target, auths } of hops) {
      const credentials: Credential[] = [];
      for (const auth of auths) credentials.push(...credentialOf(auth, await this.#read(nameOfSecret(auth), fresh)));
      byLogin.set(describeTarget(target), credentials);
    }
    const sudo = await this.#read(signInOf(row).sudo ?? undefined, fresh);
    return {
      hostId: row.id, name: row.name,
      target: { ...last.target, jump: hops.slice(0, -1).map(({ target }) => target) },
      credentials: (hop) => byLogin.get(describeTarget(hop)) ?? [],
      sudoPassword: sudo === undefined ? null : new Secret(sudo),
    };
  }

  #rows(): HostRow[] {
    return listHostRows(this.#state);
  }

  async #keep(fresh: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, value] of fresh) await this.#secrets.write(name, value);
  }

  async #read(name: string | undefined, fresh: ReadonlyMap<string, string>): Promise<string | undefined> {
    return name === undefined ? undefined : fresh.get(name) ?? await this.#secrets.read(name);
  }
}

/** Throws when the way does not end, also the way of those that are reached through the host. */
function checked(draft: HostDraft, rows: readonly HostRow[]): HostDraft {
  wayTo(draft.row, rows.map((other) => (other.id === draft.row.id ? draft.row : other)));
  return draft;
}

function storedJump(id: string, hop: JumpHop, rows: readonly HostRow[], fresh: Secrets): StoredHop {
  if ('host' in hop) return { hostId: findRow(rows, hop.host).id };
  const { address, port, user, auth = { kind: 'agent' }, fallbacks = [] } = hop;
  return { address, port, user, auths: [auth, ...fallbacks].map((each) => stored(id, each, fresh)), ...aliasOf(hop) };
}

function stored(id: string, auth: HostAuth, fresh: Secrets): StoredAuth {
  const value = secretOf(auth);
  return withoutSecret(auth, value === undefined ? undefined : named(id, value, fresh));
}

function asStored(auth: FleetHost['auth'][number]): StoredAuth {
  if (auth.kind === 'agent') return { kind: auth.kind, ...(auth.socket === undefined ? {} : { socket: auth.socket }) };
  return auth.kind === 'key' ? keyOf(auth) : { kind: auth.kind };
}

/** Gives a secret a name that was never used. */
function named(id: string, value: string, fresh: Secrets): string {
  const name = `host/${id}/${randomUUID()}`;
  fresh.set(name, value);
  return name;
}
