import { sql } from 'kysely';
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

/** A token as it is stored. */
export interface NewTokenRow {
  readonly id: string;
  readonly user: string;
  readonly hash: string;
  readonly description: string;
  /** null: never */
  readonly lifetimeSeconds: number | null;
  /** null: all that its user may */
  readonly scope: string | null;
  /** who it acts as, when not its user */
  readonly subject: string | null;
  readonly kind: 'access' | 'api-key';
  readonly refreshHash: string | null;
}

/** @returns false when the user has an API key already, and this is one */
export async function insertToken(db: Reader, token: NewTokenRow): Promise<boolean> {
  const { lifetimeSeconds } = token;
  const added = await db.insertInto('access_token').values({
    id: token.id, user_name: token.user, hash: token.hash, description: token.description, scope: token.scope, subject: token.subject, kind: token.kind,
    refresh_hash: token.refreshHash, lifetime_seconds: lifetimeSeconds, expires_at: lifetimeSeconds === null ? null : new Date(Date.now() + lifetimeSeconds * 1000),
  }).onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
  return added.numInsertedOrUpdatedRows === 1n;
}

/** What a refresh token renews, with all that the new token takes over. Locked when it is looked for inside a transaction. */
export async function findRefreshable(db: Reader, refreshHash: string): Promise<NewTokenRow | undefined> {
  const row = await db.selectFrom('access_token').innerJoin('user_account', 'user_account.name', 'access_token.user_name')
    .select(['access_token.id', 'user_name as user', 'hash', 'description', 'lifetime_seconds as lifetimeSeconds', 'scope', 'subject', 'kind', 'refresh_hash as refreshHash'])
    .where('refresh_hash', '=', refreshHash).where('user_account.disabled', '=', false)
    .$if(db.isTransaction, (query) => query.forUpdate('access_token')).executeTakeFirst();
  return row;
}

/** Id and hash of a user's API key. */
export async function findApiKey(db: Reader, user: string): Promise<{ id: string; hash: string; createdAt: Date } | undefined> {
  return db.selectFrom('access_token').select(['id', 'hash', 'created_at as createdAt']).where('user_name', '=', user).where('kind', '=', 'api-key').executeTakeFirst();
}

/** For housekeeping: at most `limit` tokens that have expired; those that can be refreshed are kept for as many days longer. */
export async function pruneTokens(db: Reader, refreshableDays: number, limit: number): Promise<number> {
  const gone = await sql`delete from access_token where ctid in (select ctid from access_token where expires_at is not null
    and expires_at < clock_timestamp() - make_interval(days => case when refresh_hash is null then 1 else ${refreshableDays}::integer end) limit ${limit})`.execute(db);
  return Number(gone.numAffectedRows ?? 0n);
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
