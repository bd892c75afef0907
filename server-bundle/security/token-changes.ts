import { randomUUID } from 'node:crypto';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Session } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { committed } from '../metadata/committed.ts';
import { deleteToken, findTokenHash, insertToken } from '../metadata/tokens.ts';
import { findUser } from '../metadata/users.ts';
import { generateToken, tokenHash } from './access-token.ts';
import { requireAdmin } from './authorize.ts';
import type { Principal } from './principal.ts';

export interface NewToken {
  readonly id: string;
  /** shown this once; only its hash is stored */
  readonly token: string;
}

/**
 * A token for `user`: anybody for oneself, administrators for others. Who came with a token gets no further one, so that one that leaked
 * cannot outlive its expiry; administrators excepted.
 * @param seconds life time; 0 for ever
 * @throws FORBIDDEN, USER_NOT_FOUND
 */
export async function createToken(session: Session, by: Principal, wanted: { user: string; description: string; seconds: number }): Promise<NewToken> {
  if (by.name !== wanted.user) requireAdmin(by);
  if (by.via !== 'password' && by.role !== 'admin') throw new BulkheadError('FORBIDDEN', 'A token cannot be made with a token: log in with the password');
  const token = generateToken();
  const id = randomUUID();
  const expiresAt = wanted.seconds === 0 ? null : new Date(Date.now() + wanted.seconds * 1000);
  // its key was never answered to anybody, and absence is not cached: nothing has to be prepared
  await session.db.transaction().execute(async (trx) => {
    if (await findUser(trx, wanted.user) === undefined) throw new BulkheadError('USER_NOT_FOUND', `There is no user ${wanted.user}`);
    await insertToken(trx, { id, user: wanted.user, hash: tokenHash(token), description: wanted.description, expiresAt });
    await session.events.publish({ type: 'access.changed', message: `${by.name} made a token for ${wanted.user}`, detail: { user: wanted.user, by: by.name, tokenId: id } }, trx);
  });
  return { id, token };
}

/** Not valid on any node any more when it returns. @throws TOKEN_NOT_FOUND, FORBIDDEN */
export async function revokeToken(session: Session, by: Principal, which: { readonly id: string } | { readonly token: string }): Promise<void> {
  const found = await findTokenHash(session.db, 'id' in which ? which : { hash: tokenHash(which.token) });
  // whoever holds the token itself may revoke it
  const may = found !== undefined && (by.role === 'admin' || by.name === found.user || 'token' in which);
  if (found === undefined || !may) throw new BulkheadError('TOKEN_NOT_FOUND');
  await session.coherence.change({ keys: [cacheKeys.token(found.hash)] }, () => committed(session, async (trx) => {
    if (!await deleteToken(trx, found.id)) throw new BulkheadError('TOKEN_NOT_FOUND');
    await session.events.publish({ type: 'access.changed', message: `${by.name} revoked a token of ${found.user}`, detail: { user: found.user, by: by.name, tokenId: found.id } }, trx);
  }));
}
