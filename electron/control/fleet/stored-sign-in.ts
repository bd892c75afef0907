import { z } from 'zod';
import type { HostAuth, HostSummary } from '../../contract/index.ts';
import { Secret, type Credential } from '../ssh/index.ts';

// the name of the secret changes with the secret: a new one is kept beside the old one until it has been tried
const secret = z.string().optional();

/** One way to sign in, as it is kept: secrets are named here and kept in the secret store. */
export const storedAuth = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent'), socket: z.string().optional() }),
  z.object({ kind: z.literal('key'), file: z.string(), agent: z.string().optional(), secret }),
  z.object({ kind: z.literal('password'), secret }),
  z.object({ kind: z.literal('keyboard-interactive'), secret }),
]);
export type StoredAuth = z.infer<typeof storedAuth>;

export const storedHop = z.union([
  z.object({ hostId: z.string() }),
  z.object({ address: z.string(), port: z.number(), user: z.string(), auths: z.array(storedAuth), hostKeyAlias: z.string().optional() }),
]);
export type StoredHop = z.infer<typeof storedHop>;

/** The way to a host and into it, as one JSON text. */
export const storedSignIn = z.intersection(storedAuth, z.object({
  fallbacks: z.array(storedAuth).default([]),
  jump: z.array(storedHop).default([]),
  hostKeyAlias: z.string().nullable().default(null),
  /** name of the password for sudo in the secret store */
  sudo: z.string().nullable().default(null),
}));
export type StoredSignIn = z.infer<typeof storedSignIn>;

/** What is secret in a way to sign in; undefined: nothing. */
export function secretOf(auth: HostAuth): string | undefined {
  switch (auth.kind) {
    case 'agent': return undefined;
    case 'key': return auth.passphrase;
    case 'password':
    case 'keyboard-interactive': return auth.password;
  }
}

/** @param name of the secret in the store; undefined when there is none */
export function withoutSecret(auth: HostAuth, name: string | undefined): StoredAuth {
  const named = name === undefined ? {} : { secret: name };
  switch (auth.kind) {
    case 'agent': return { kind: auth.kind, ...(auth.socket === undefined ? {} : { socket: auth.socket }) };
    case 'key': return { ...keyOf(auth), ...named };
    case 'password':
    case 'keyboard-interactive': return { kind: auth.kind, ...named };
  }
}

/** A key without what is secret about it. */
export function keyOf({ kind, file, agent }: Pick<Extract<StoredAuth, { kind: 'key' }>, 'kind' | 'file' | 'agent'>): { kind: 'key'; file: string; agent?: string } {
  return { kind, file, ...(agent === undefined ? {} : { agent }) };
}

export function nameOfSecret(auth: StoredAuth): string | undefined {
  return auth.kind === 'agent' ? undefined : auth.secret;
}

/** Two ways that differ in their secret only. */
export function isSameWay(one: StoredAuth, other: StoredAuth): boolean {
  return one.kind === other.kind && shownAuth(one).detail === shownAuth(other).detail;
}

export function shownAuth(auth: StoredAuth): HostSummary['signIn'][number] {
  return { kind: auth.kind, detail: auth.kind === 'key' ? auth.file : auth.kind === 'agent' ? auth.socket ?? null : null };
}

export function credentialOf(auth: StoredAuth, value: string | undefined): Credential[] {
  const kept = value === undefined ? undefined : new Secret(value);
  switch (auth.kind) {
    case 'agent': return [{ kind: 'agent', ...(auth.socket === undefined ? {} : { socket: auth.socket }) }];
    case 'key': return [{ kind: 'key-file', path: auth.file, ...(auth.agent === undefined ? {} : { agent: auth.agent }), ...(kept === undefined ? {} : { passphrase: kept }) }];
    // where a host takes passwords through keyboard-interactive only, they go that way
    case 'password': return [{ kind: 'password', ...(kept === undefined ? {} : { password: kept }) }];
    case 'keyboard-interactive': return [{ kind: 'keyboard-interactive', ...(kept === undefined ? {} : { password: kept }) }];
  }
}
