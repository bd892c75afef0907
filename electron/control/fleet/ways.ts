import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { FleetHost, HostSummary } from '../../contract/index.ts';
import type { HostTarget } from '../ssh/index.ts';
import type { HostRow } from '../state/index.ts';
import { keyOf, nameOfSecret, shownAuth, storedSignIn, type StoredAuth, type StoredSignIn } from './stored-sign-in.ts';

/** One host on a way, or at its end. */
export interface Hop {
  readonly target: HostTarget;
  readonly auths: readonly StoredAuth[];
}

/** By id, else by name. Throws HOST_NOT_FOUND. */
export function findRow(rows: readonly HostRow[], idOrName: string): HostRow {
  const row = rows.find(({ id }) => id === idOrName) ?? rows.find(({ name }) => name === idOrName);
  if (row === undefined) throw new BulkheadError('HOST_NOT_FOUND', `There is no host "${idOrName}"`);
  return row;
}

export function signInOf({ auth }: HostRow): StoredSignIn {
  return storedSignIn.parse(JSON.parse(auth));
}

/** What is tried on the host itself, in this order. */
export function authsOf({ fallbacks, jump: _jump, hostKeyAlias: _alias, sudo: _sudo, ...first }: StoredSignIn): StoredAuth[] {
  return [first, ...fallbacks];
}

/** Names in the secret store. */
export function secretNames(signIn: StoredSignIn): string[] {
  const auths = [...authsOf(signIn), ...signIn.jump.flatMap((hop) => ('auths' in hop ? hop.auths : []))];
  return [...auths.map(nameOfSecret), signIn.sudo ?? undefined].filter((name) => name !== undefined);
}

/** The way to a host and the host itself; hosts that the app knows bring their own way along. Throws HOST_NOT_FOUND, ARGUMENT_INVALID when it leads in a circle. */
export function wayTo(row: HostRow, rows: readonly HostRow[], before: readonly string[] = []): Hop[] {
  if (before.includes(row.id)) throw new BulkheadError('ARGUMENT_INVALID', `The way to "${row.name}" leads through itself`);
  const signIn = signInOf(row);
  const { address, port, user } = row;
  const hops = signIn.jump.flatMap((hop): Hop[] => {
    if ('hostId' in hop) return wayTo(findRow(rows, hop.hostId), rows, [...before, row.id]);
    return [{ target: { address: hop.address, port: hop.port, user: hop.user, jump: [], ...aliasOf(hop) }, auths: hop.auths }];
  });
  const target = { address, port, user, jump: [], ...aliasOf(signIn) };
  return [...hops, { target, auths: authsOf(signIn) }];
}

/** What may be shown of a host. */
export function shownHost(row: HostRow, rows: readonly HostRow[]): Omit<HostSummary, 'node'> {
  const { id, name, address, port, user } = row;
  const signIn = signInOf(row);
  return {
    hostId: id, name, address, port, user,
    auth: signIn.kind, signIn: authsOf(signIn).map(shownAuth),
    jump: signIn.jump.map((hop) => {
      if (!('hostId' in hop)) return { host: null, user: hop.user, address: hop.address, port: hop.port };
      const known = findRow(rows, hop.hostId);
      return { host: known.name, user: known.user, address: known.address, port: known.port };
    }),
    hostKeyAlias: signIn.hostKeyAlias, hasSudoPassword: signIn.sudo !== null,
  };
}

/** A host as a fleet file has it. */
export function exportedHost(row: HostRow, rows: readonly HostRow[]): FleetHost {
  const { name, address, port, user } = row;
  const signIn = signInOf(row);
  return {
    name, address, port, user,
    auth: authsOf(signIn).map(withoutName),
    jump: signIn.jump.map((hop) => ('hostId' in hop ? { host: findRow(rows, hop.hostId).name } : { address: hop.address, port: hop.port, user: hop.user, auth: hop.auths.map(withoutName), ...aliasOf(hop) })),
    ...aliasOf(signIn),
  };
}

/** For whatever may be known under another name than its address. */
export function aliasOf({ hostKeyAlias }: { readonly hostKeyAlias?: string | null | undefined }): { hostKeyAlias?: string } {
  return hostKeyAlias === undefined || hostKeyAlias === null ? {} : { hostKeyAlias };
}

function withoutName(auth: StoredAuth): FleetHost['auth'][number] {
  switch (auth.kind) {
    case 'agent': return { kind: auth.kind, ...(auth.socket === undefined ? {} : { socket: auth.socket }) };
    case 'key': return keyOf(auth);
    case 'password':
    case 'keyboard-interactive': return { kind: auth.kind };
  }
}
