import { createHash } from 'node:crypto';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { ReadKey } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { findAccount, type Account } from '../metadata/access/accounts.ts';
import { readSetting } from '../metadata/settings.ts';
import { findToken, type AccessToken } from '../metadata/tokens.ts';
import { anonymousReading, anonymousReadSetting, type AnonymousReading } from './anonymous-read.ts';
import { authorize, authorizeEach } from './authorize.ts';
import { allowedListsOf, decisionsAbout, holdRights, rightsHeldBy } from './held-rights.ts';
import { readAccessModel, type AccessModel } from './permissions/access-model.ts';
import { anonymousRights, rightsOf, type Rights } from './permissions/rights.ts';
import { parseScope, type TokenScope } from './permissions/token-scope.ts';
import type { Principal } from './principal.ts';
import { isUserName } from './user-name.ts';

/** What somebody has shown: enough to look again, nothing that is secret beyond what the cache holds. */
export type Proof =
  | { readonly kind: 'password'; readonly user: string; readonly encoded: string }
  | { readonly kind: 'token'; readonly hash: string }
  | { readonly kind: 'anonymous' }
  /** a short-lived token that stands on something else, and falls with it */
  | { readonly kind: 'derived'; readonly parent: ParentProof; readonly scope: TokenScope };

export type ParentProof =
  /** `digest` of the stored form of the password */
  | { readonly kind: 'password'; readonly user: string; readonly digest: string }
  | { readonly kind: 'token'; readonly hash: string }
  | { readonly kind: 'anonymous' };

/** A token with its scope understood. */
export interface LiveToken extends AccessToken {
  readonly scope: TokenScope | null;
}

/** Who it is, and what that means at present. */
interface Identity {
  readonly name: string;
  readonly rights: Rights;
  readonly via: Principal['via'];
}

const proofs = new WeakMap<Principal, Proof>();

/** The principal that a proof stands for, with its rights. Hot proofs cost no statement. @throws CREDENTIALS_INVALID, AUTHENTICATION_REQUIRED */
export async function principalBy(read: ReadKey, proof: Proof): Promise<Principal> {
  const { name, rights, via } = await identityBy(read, proof);
  const principal: Principal = { name, role: rights.role, via };
  proofs.set(principal, proof);
  holdRights(principal, rights);
  return principal;
}

/** What a principal has shown; undefined for somebody inside the process. */
export function proofOf(principal: Principal): Proof | undefined {
  return proofs.get(principal);
}

/**
 * Looks again, inside a snapshot (`Coherence.snapshot`) or right before a commit, whether a principal is still who it was let in as, and whether
 * everything that `authorize` allowed it so far is still allowed. Rights and the content that is answered must belong together: whoever was shut out
 * before a secret was written must not read it through a request that began earlier. What is asked afterwards (`mayRead`) is answered by
 * the rights that were found here.
 *
 * @throws CREDENTIALS_INVALID, AUTHENTICATION_REQUIRED, FORBIDDEN when that has changed since
 */
export async function confirmRights(read: ReadKey, principal: Principal): Promise<void> {
  const proof = proofs.get(principal);
  // not from a request: somebody inside the process speaks for himself
  if (proof === undefined) return;
  const { name, rights } = await identityBy(read, proof);
  if (name !== principal.name) throw new BulkheadError('CREDENTIALS_INVALID');
  if (rights === rightsHeldBy(principal)) return;
  holdRights(principal, rights);
  for (const { action, repository, path, allowed } of [...decisionsAbout(principal)]) if (allowed) authorize(principal, action, repository, path);
  for (const { action, repository, paths } of [...allowedListsOf(principal)]) authorizeEach(principal, action, repository, paths);
  // the credentials are as good as before; what was decided by the role alone could not be looked at again
  if (rights.role !== principal.role && principal.role === 'admin') throw new BulkheadError('FORBIDDEN', `${name} is no administrator any more`);
}

async function identityBy(read: ReadKey, proof: Proof): Promise<Identity> {
  switch (proof.kind) {
    case 'anonymous': return anonymous(read);
    case 'password': return withPassword(read, proof.user, ({ password }) => password === proof.encoded, null);
    case 'token': return withToken(read, proof.hash, null);
    case 'derived': return derived(read, proof.parent, proof.scope);
  }
}

async function derived(read: ReadKey, parent: ParentProof, scope: TokenScope): Promise<Identity> {
  switch (parent.kind) {
    case 'anonymous': {
      const { name, rights, via } = await anonymous(read);
      return { name, via, rights: { ...rights, only: scope.only } };
    }
    case 'password': return withPassword(read, parent.user, ({ password }) => password !== null && passwordDigest(password) === parent.digest, scope);
    case 'token': return withToken(read, parent.hash, scope);
  }
}

async function anonymous(read: ReadKey): Promise<Identity> {
  const reading = await anonymousMayRead(read);
  if (reading === 'off') throw new BulkheadError('AUTHENTICATION_REQUIRED');
  return { name: 'anonymous', via: 'anonymous', rights: anonymousRights(await readAccessModel(read), reading === 'everything') };
}

async function withPassword(read: ReadKey, name: string, isRight: (account: Account) => boolean, scope: TokenScope | null): Promise<Identity> {
  const account = await userNamed(read, name);
  if (account === undefined || account.disabled || !isRight(account)) throw new BulkheadError('CREDENTIALS_INVALID');
  return { name: account.name, via: scope === null ? 'password' : 'token', rights: compiledRights(await readAccessModel(read), account, scope) };
}

async function withToken(read: ReadKey, hash: string, narrowing: TokenScope | null): Promise<Identity> {
  const token = await liveToken(read, hash);
  const account = token === undefined ? undefined : await userNamed(read, token.user);
  if (token === undefined || account === undefined || account.disabled) throw new BulkheadError('CREDENTIALS_INVALID');
  const rights = compiledRights(await readAccessModel(read), account, token.scope);
  return { name: token.actsAs, via: 'token', rights: narrowing === null ? rights : narrowedTo(rights, narrowing) };
}

/** A token that was derived of a narrowed one may what both leave. Neither is ever an administrator. */
function narrowedTo(rights: Rights, { only }: TokenScope): Rights {
  if (only === null) return rights;
  const role = rights.role === 'admin' ? 'user' : rights.role;
  return rights.only === null ? { ...rights, role, only } : { ...rights, role, only, within: rights };
}

const ofAccount = new WeakMap<Account, { readonly model: AccessModel; readonly rights: Rights }>();
const ofScope = new WeakMap<TokenScope, { readonly model: AccessModel; readonly account: Account; readonly rights: Rights }>();

/** Made anew only when the cached answers that they are made of are others: a hot request compares two references. */
export function compiledRights(model: AccessModel, account: Account, scope: TokenScope | null): Rights {
  if (scope === null) {
    const known = ofAccount.get(account);
    if (known?.model === model) return known.rights;
    const rights = rightsOf(model, account, null);
    ofAccount.set(account, { model, rights });
    return rights;
  }
  const known = ofScope.get(scope);
  if (known?.model === model && known.account === account) return known.rights;
  const rights = rightsOf(model, account, scope);
  ofScope.set(scope, { model, account, rights });
  return rights;
}

/** What identifies the stored form of a password without telling it. */
export function passwordDigest(encoded: string): string {
  return createHash('sha256').update('bulkhead password\n').update(encoded).digest('base64url');
}

export async function anonymousMayRead(read: ReadKey): Promise<AnonymousReading> {
  return anonymousReading(await read(cacheKeys.setting(anonymousReadSetting), async (db) => (await readSetting(db, anonymousReadSetting)) ?? false));
}

/** Undefined for names that no user can have, without asking. */
export async function userNamed(read: ReadKey, name: string): Promise<Account | undefined> {
  return isUserName(name) ? read(cacheKeys.user(name), (db) => findAccount(db, name)) : undefined;
}

/** By its hash; undefined when it has expired by this host's clock, or its scope is none that this version understands. */
export async function liveToken(read: ReadKey, hash: string): Promise<LiveToken | undefined> {
  const token = await read(cacheKeys.token(hash), async (db): Promise<LiveToken | undefined> => {
    const found = await findToken(db, hash);
    if (found === undefined) return undefined;
    const scope = found.scopeText === null ? null : parseScope(found.scopeText);
    return scope === undefined ? undefined : { ...found, scope };
  });
  return token === undefined || (token.expiresAt !== null && token.expiresAt <= Date.now()) ? undefined : token;
}
