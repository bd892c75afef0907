import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostSummary, NewHost } from '../../contract/index.ts';
import type { SecretStore } from '../secrets/index.ts';
import { Secret, type Credential, type HostTarget } from '../ssh/index.ts';
import { deleteHostRow, insertHostRow, listHostRows, type HostRow, type State } from '../state/index.ts';

const storedAuth = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent') }), z.object({ kind: z.literal('key'), file: z.string() }), z.object({ kind: z.literal('password') }),
]);

/** A host with everything that a connection to it needs. */
export interface HostAccess {
  readonly hostId: string;
  readonly name: string;
  readonly target: HostTarget;
  readonly credentials: readonly Credential[];
  readonly sudoPassword: Secret | null;
}

type Host = Omit<HostSummary, 'node'>;

/** The machines that this app may reach. Passwords are in the secret store and nowhere else. */
export class Hosts {
  readonly #state: State;
  readonly #secrets: SecretStore;

  constructor(state: State, secrets: SecretStore) {
    this.#state = state;
    this.#secrets = secrets;
  }

  list(): Host[] {
    return listHostRows(this.#state).map(toHost);
  }

  /** By id or name. Throws HOST_NOT_FOUND. */
  get(idOrName: string): Host {
    return toHost(this.#row(idOrName));
  }

  /** Throws HOST_EXISTS. */
  async add({ name, address, port, user, auth, sudoPassword }: NewHost): Promise<Host> {
    const id = randomUUID();
    const stored = auth.kind === 'key' ? { kind: auth.kind, file: auth.file } : { kind: auth.kind };
    const signIn = auth.kind === 'password' ? auth.password : auth.kind === 'key' ? auth.passphrase : undefined;
    // secrets first: a host that is listed can be reached
    if (signIn !== undefined) await this.#secrets.write(secretName(id, 'sign-in'), signIn);
    if (sudoPassword !== undefined) await this.#secrets.write(secretName(id, 'sudo'), sudoPassword);
    if (insertHostRow(this.#state, { id, name, address, port, user, auth: JSON.stringify(stored) })) return this.get(id);
    this.#forgetSecrets(id);
    throw new BulkheadError('HOST_EXISTS', `There is a host "${name}" already`);
  }

  remove(idOrName: string): void {
    const { id } = this.#row(idOrName);
    deleteHostRow(this.#state, id);
    this.#forgetSecrets(id);
  }

  async access(idOrName: string): Promise<HostAccess> {
    const { id, name, address, port, user, auth } = this.#row(idOrName);
    const signIn = secretOf(await this.#secrets.read(secretName(id, 'sign-in')));
    const sudoPassword = secretOf(await this.#secrets.read(secretName(id, 'sudo')));
    return { hostId: id, name, target: { address, port, user, jump: [] }, credentials: credentialsOf(storedAuth.parse(JSON.parse(auth)), signIn), sudoPassword };
  }

  #row(idOrName: string): HostRow {
    const row = listHostRows(this.#state).find(({ id, name }) => id === idOrName || name === idOrName);
    if (row === undefined) throw new BulkheadError('HOST_NOT_FOUND', `There is no host "${idOrName}"`);
    return row;
  }

  #forgetSecrets(id: string): void {
    for (const what of ['sign-in', 'sudo'] as const) this.#secrets.forget(secretName(id, what));
  }
}

function credentialsOf(auth: z.infer<typeof storedAuth>, secret: Secret | null): Credential[] {
  switch (auth.kind) {
    case 'agent':
      return [{ kind: 'agent' }];
    case 'key':
      return [{ kind: 'key-file', path: auth.file, ...(secret === null ? {} : { passphrase: secret }) }];
    case 'password':
      return secret === null ? [] : [{ kind: 'password', password: secret }, { kind: 'keyboard-interactive', password: secret }];
  }
}

function secretOf(value: string | undefined): Secret | null {
  return value === undefined ? null : new Secret(value);
}

function secretName(id: string, what: 'sign-in' | 'sudo'): string {
  return `host/${id}/${what}`;
}

function toHost({ id, name, address, port, user, auth }: HostRow): Host {
  return { hostId: id, name, address, port, user, auth: storedAuth.parse(JSON.parse(auth)).kind };
}
