import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { deleteToken, insertToken } from '../metadata/tokens.ts';
import type { Database } from '../metadata/schema.ts';
import { anyAdmin } from '../metadata/users.ts';
import { BulkheadError } from '../contract/index.ts';
import { generateToken, tokenHash } from '../security/access-token.ts';

const lifeSeconds = 10 * 60;

/**
 * Works with an administrator's token that is made for this and ends with it: who may read the configuration of a node with its
 * database password needs no other. @throws NOT_SERVING while the cluster has no administrator
 */
export async function withTrialToken<T>(db: Kysely<Database>, work: (token: string) => Promise<T>): Promise<T> {
  const user = await anyAdmin(db);
  if (user === undefined) throw new BulkheadError('NOT_SERVING', 'The cluster has no administrator yet', { hint: 'Create one with "bulkhead-node init-admin".' });
  const [id, token] = [randomUUID(), generateToken()];
  await insertToken(db, {
    id, user, hash: tokenHash(token), description: 'trial of a node', lifetimeSeconds: lifeSeconds, scope: null, subject: null, kind: 'access', refreshHash: null,
  });
  try {
    return await work(token);
  } finally {
    await deleteToken(db, id).catch(() => undefined);
  }
}
