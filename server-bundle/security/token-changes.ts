import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Session } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { groupsOf, unknownGroups } from '../metadata/access/groups.ts';
import { committed } from '../metadata/committed.ts';
import type { Database } from '../metadata/schema.ts';
import { deleteToken, findApiKey, findRefreshable, findTokenHash, insertToken, type NewTokenRow } from '../metadata/tokens.ts';
import { findUser } from '../metadata/users.ts';
import { generateRefreshToken, generateToken, tokenHash } from './access-token.ts';
import { requireAdmin } from './authorize.ts';
import { isWhole, parseScope, wholeUser } from './permissions/token-scope.ts';
import type { Principal } from './principal.ts';
import { requireKnown } from './rights-changed.ts';
import { isUserName } from './user-name.ts';
import { withdraw } from './withdraw.ts';

export interface NewToken {
  readonly id: string;
  /** shown this once; only its hash is stored */
  readonly token: string;
  /** the same; null for a token that cannot be refreshed */
  readonly refreshToken: string | null;
  readonly scope: string;
  /** 0 for ever */
  readonly seconds: number;
}

export interface WantedToken {
  /** a name that no user has stands for nobody in particular: administrators only, with groups as the scope */
  readonly user: string;
  readonly description: string;
  /** life time; 0 for ever */
  readonly seconds: number;
  /** see `parseScope`; all that the user may when left out */
  readonly scope?: string | undefined;
  readonly refreshable?: boolean;
}

/**
 * A token for `user`: anybody for oneself, administrators for others. Who came with a token gets no further one, so that one that leaked
 * cannot outlive its expiry; administrators excepted.
 * @throws FORBIDDEN, USER_NOT_FOUND, BODY_INVALID for a scope that is none or names groups that the user has not
 */
export async function createToken(session: Session, by: Principal, wanted: WantedToken): Promise<NewToken> {
  if (by.name !== wanted.user) requireAdmin(by);
  requirePassword(by);
  const { seconds, description, scope = wholeUser, refreshable = false } = wanted;
  const made = fresh(scope, refreshable, { description, lifetimeSeconds: seconds === 0 ? null : seconds, kind: 'access' });
  // its key was never answered to anybody, and absence is not cached: nothing has to be prepared
  await committed(session, async (trx) => {
    const { user, subject } = await ownerOf(trx, by, wanted.user, scope);
    await insertToken(trx, { ...made.row, user, subject });
    await session.events.publish({ type: 'access.changed', message: `${by.name} made a token for ${wanted.user}`, detail: { user: wanted.user, by: by.name, tokenId: made.row.id, scope } }, trx);
  });
  return { id: made.row.id, token: made.token, refreshToken: made.refreshToken, scope, seconds };
}

/**
 * The next token in place of the one that the refresh token came with, which holds on no node any more when this returns. A refresh token counts once.
 * @throws CREDENTIALS_INVALID when it is none, was used, or its user is disabled
 */
export async function refreshToken(session: Session, presented: string): Promise<NewToken> {
  const before = await findRefreshable(session.db, tokenHash(presented));
  if (before === undefined) throw refused();
  const scope = before.scope ?? wholeUser;
  const made = fresh(scope, true, before);
  await withdraw(session, { keys: [cacheKeys.token(before.hash)] }, async (trx) => {
    const present = await findRefreshable(trx, tokenHash(presented));
    if (present === undefined || !await deleteToken(trx, present.id)) throw refused();
    await insertToken(trx, { ...made.row, user: present.user, subject: present.subject });
    await session.events.publish({ type: 'access.changed', message: `A token of ${present.user} was refreshed`, detail: { user: present.user, tokenId: made.row.id, before: present.id } }, trx);
  });
  return { id: made.row.id, token: made.token, refreshToken: made.refreshToken, scope, seconds: before.lifetimeSeconds ?? 0 };
}

/** Not valid on any node any more when it returns. @throws TOKEN_NOT_FOUND, FORBIDDEN */
export async function revokeToken(session: Session, by: Principal, which: { readonly id: string } | { readonly token: string }): Promise<void> {
  const found = await findTokenHash(session.db, 'id' in which ? which : { hash: tokenHash(which.token) });
  // whoever holds the token itself may revoke it
  const may = found !== undefined && (by.role === 'admin' || by.name === found.user || 'token' in which);
  if (found === undefined || !may) throw new BulkheadError('TOKEN_NOT_FOUND');
  await withdraw(session, { keys: [cacheKeys.token(found.hash)] }, async (trx) => {
    if (!await deleteToken(trx, found.id)) throw new BulkheadError('TOKEN_NOT_FOUND');
    await session.events.publish({ type: 'access.changed', message: `${by.name} revoked a token of ${found.user}`, detail: { user: found.user, by: by.name, tokenId: found.id } }, trx);
  });
}

/**
 * An API key: a token without expiry, one for each user.
 * @param existing `replace`: the present one ends with it, on every node
 * @throws API_KEY_EXISTS, FORBIDDEN for who came with a token
 */
export async function createApiKey(session: Session, by: Principal, existing: 'refuse' | 'replace'): Promise<string> {
  requirePassword(by);
  const made = fresh(wholeUser, false, { description: 'API key', lifetimeSeconds: null, kind: 'api-key' });
  const before = existing === 'replace' ? await findApiKey(session.db, by.name) : undefined;
  await withdraw(session, { keys: before === undefined ? [] : [cacheKeys.token(before.hash)] }, async (trx) => {
    if (before !== undefined) await deleteToken(trx, before.id);
    if (!await insertToken(trx, { ...made.row, user: by.name, subject: null })) throw new BulkheadError('API_KEY_EXISTS');
    await session.events.publish({ type: 'access.changed', message: `${by.name} made an API key`, detail: { user: by.name, by: by.name, tokenId: made.row.id } }, trx);
  });
  return made.token;
}

type Kept = Pick<NewTokenRow, 'description' | 'lifetimeSeconds' | 'kind'>;

function fresh(scope: string, refreshable: boolean, { description, lifetimeSeconds, kind }: Kept): { token: string; refreshToken: string | null; row: Omit<NewTokenRow, 'user' | 'subject'> } {
  const understood = parseScope(scope);
  if (understood === undefined) {
    throw invalid('scope', 'is not known: use applied-permissions/user, applied-permissions/groups:NAMES, applied-permissions/admin, and artifact:REPOSITORY[/PATTERN]:ACTIONS to narrow them');
  }
  const whole = isWhole(understood);
  const token = generateToken(whole ? 'whole' : 'narrowed');
  const renewal = refreshable ? generateRefreshToken() : null;
  return {
    token, refreshToken: renewal,
    row: { id: randomUUID(), hash: tokenHash(token), description, lifetimeSeconds, kind, scope: whole ? null : scope, refreshHash: renewal === null ? null : tokenHash(renewal) },
  };
}

/** Whose token it becomes, and who it acts as when that is nobody in particular. */
async function ownerOf(trx: Transaction<Database>, by: Principal, name: string, scopeText: string): Promise<{ user: string; subject: string | null }> {
  const base = parseScope(scopeText)?.base ?? 'user';
  if (base === 'admin') requireAdmin(by);
  const groups = typeof base === 'object' ? base.groups : [];
  requireKnown('scope', 'group', await unknownGroups(trx, groups));
  const user = await findUser(trx, name);
  if (user === undefined) {
    if (groups.length === 0 || by.role !== 'admin' || !isUserName(name)) throw new BulkheadError('USER_NOT_FOUND', `There is no user ${name}`);
    return { user: by.name, subject: name };
  }
  const own = user.role === 'admin' ? groups : await groupsOf(trx, name);
  const foreign = groups.filter((group) => !own.includes(group));
  if (foreign.length > 0) throw invalid('scope', `${name} does not belong to ${foreign.join(', ')}`);
  return { user: name, subject: null };
}

function requirePassword(by: Principal): void {
  if (by.via !== 'password' && by.role !== 'admin') throw new BulkheadError('FORBIDDEN', 'A token cannot be made with a token: log in with the password');
}

function refused(): BulkheadError {
  return new BulkheadError('CREDENTIALS_INVALID', 'The refresh token is not valid', { hint: 'It counts once: use the one that came with the newest token, or log in again.' });
}

function invalid(field: string, message: string): BulkheadError {
  return new BulkheadError('BODY_INVALID', `${field}: ${message}`, { details: [{ field, message }] });
}
