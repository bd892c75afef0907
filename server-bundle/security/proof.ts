import { cacheKeys } from '../cluster/cache-keys.ts';
import type { ReadKey } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { readSetting } from '../metadata/settings.ts';
import { findToken, type AccessToken } from '../metadata/tokens.ts';
import { findUser, type User } from '../metadata/users.ts';
import { anonymousReadSetting } from './anonymous-read.ts';
import type { Principal } from './principal.ts';
import { isUserName } from './user-name.ts';

/** What a principal was proven with: enough to look again, nothing that is secret beyond what the cache holds. */
export type Proof =
  | { readonly kind: 'password'; readonly encoded: string }
  | { readonly kind: 'token'; readonly hash: string }
  | { readonly kind: 'anonymous' };

const proofs = new WeakMap<Principal, Proof>();

/** Remembers the proof for as long as the principal of the request lives. */
export function provenBy(principal: Principal, proof: Proof): Principal {
  proofs.set(principal, proof);
  return principal;
}

/**
 * Looks again, inside a snapshot (`Coherence.snapshot`), whether a principal still has the rights it was let in with. Rights and the content
 * that is answered must belong together: whoever was shut out before a secret was written must not read it through a request that
 * began earlier.
 *
 * @throws CREDENTIALS_INVALID, AUTHENTICATION_REQUIRED when they have changed since
 */
export async function confirmRights(read: ReadKey, principal: Principal): Promise<void> {
  const proof = proofs.get(principal);
  // not from a request: somebody inside the process speaks for himself
  if (proof === undefined) return;
  if (proof.kind === 'anonymous') {
    if (!await anonymousMayRead(read)) throw new BulkheadError('AUTHENTICATION_REQUIRED');
    return;
  }
  const token = proof.kind === 'token' ? await liveToken(read, proof.hash) : undefined;
  const user = await userNamed(read, principal.name);
  const proven = proof.kind === 'token' ? token?.user === principal.name : user?.password === proof.encoded;
  if (!proven || user === undefined || user.disabled || user.role !== principal.role) throw new BulkheadError('CREDENTIALS_INVALID');
}

export async function anonymousMayRead(read: ReadKey): Promise<boolean> {
  return await read(cacheKeys.setting(anonymousReadSetting), async (db) => (await readSetting(db, anonymousReadSetting)) ?? false) === true;
}

/** Undefined for names that no user can have, without asking. */
export async function userNamed(read: ReadKey, name: string): Promise<User | undefined> {
  return isUserName(name) ? read(cacheKeys.user(name), (db) => findUser(db, name)) : undefined;
}

/** By its hash; undefined when it has expired by this host's clock. */
export async function liveToken(read: ReadKey, hash: string): Promise<AccessToken | undefined> {
  const token = await read(cacheKeys.token(hash), (db) => findToken(db, hash));
  return token === undefined || (token.expiresAt !== null && token.expiresAt <= Date.now()) ? undefined : token;
}
