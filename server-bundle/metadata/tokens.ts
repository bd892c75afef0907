import type { Reader } from '../cluster/ports.ts';

export interface AccessToken {
  readonly id: string;
  readonly user: string;
  readonly description: string;
  readonly createdAt: Date;
  /** milliseconds since 1970; null for a token that does not expire */
  readonly expiresAt: number | null;
  /** what is left of its user's rights, as text; null: all */
  readonly scopeText: string | null;
  /** name of whoever comes with it: the user's, or of nobody in particular */
  readonly actsAs: string;
  readonly kind: 'access' | 'api-key';
  readonly refreshable: boolean;
}

const columns = ['id', 'user_name', 'description', 'created_at', 'expires_at', 'scope', 'subject', 'kind', 'refresh_hash', 'lifetime_seconds'] as const;

interface Row {
  readonly id: string;
  readonly user_name: string;
  readonly description: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly scope: string | null;
  readonly subject: string | null;
  readonly kind: 'access' | 'api-key';
  readonly refresh_hash: string | null;
  readonly lifetime_seconds: number | null;
}

/** By the hash of the token. Expired ones are found too. */
export async function findToken(db: Reader, hash: string): Promise<AccessToken | undefined> {
  const row = await db.selectFrom('access_token').select(columns).where('hash', '=', hash).executeTakeFirst();
  return row === undefined ? undefined : ofRow(row);
}

/** @param user null: tokens of everybody */
export async function listTokens(db: Reader, user: string | null): Promise<AccessToken[]> {
  const query = db.selectFrom('access_token').select(columns).orderBy('created_at').orderBy('id');
  const rows = await (user === null ? query : query.where('user_name', '=', user)).execute();
  return rows.map(ofRow);
}

/** Id, owner and hash of one token, by its id or its hash. */
export async function findTokenHash(db: Reader, by: { readonly id: string } | { readonly hash: string }): Promise<{ id: string; user: string; hash: string } | undefined> {
  const query = db.selectFrom('access_token').select(['id', 'user_name as user', 'hash']);
  return ('id' in by ? query.where('id', '=', by.id) : query.where('hash', '=', by.hash)).executeTakeFirst();
}

export async function tokenHashesOf(db: Reader, user: string): Promise<string[]> {
  const rows = await db.selectFrom('access_token').select('hash').where('user_name', '=', user).execute();
  return rows.map((row) => row.hash);
}

export async function insertToken(db: Reader, token: { id: string; user: string; hash: string; description: string; expiresAt: Date | null }): Promise<void> {
  await db.insertInto('access_token').values({
    id: token.id, user_name: token.user, hash: token.hash, description: token.description, expires_at: token.expiresAt,
  }).execute();
}

/** @returns false when it was gone already */
export async function deleteToken(db: Reader, id: string): Promise<boolean> {
  const deleted = await db.deleteFrom('access_token').where('id', '=', id).executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}

function ofRow(row: Row): AccessToken {
  return {
    id: row.id, user: row.user_name, description: row.description, createdAt: row.created_at, expiresAt: row.expires_at?.getTime() ?? null,
    // no user can have such a name
    scopeText: row.scope, actsAs: row.subject === null ? row.user_name : `token:${row.subject}`, kind: row.kind, refreshable: row.refresh_hash !== null,
  };
}
