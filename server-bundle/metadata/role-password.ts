import { sql, type Kysely } from 'kysely';
import type { Database } from './schema.ts';

/**
 * Gives the role of this connection another password; every role may do that for itself. Open sessions stay.
 * @param verifier as `scramVerifier` makes it
 */
export async function setOwnPassword(db: Kysely<Database>, verifier: string): Promise<void> {
  // a utility statement takes no parameters; the server itself quotes role and literal
  const { rows } = await sql<{ statement: string }>`select format('alter role %I password %L', current_user, ${verifier}::text) as statement`.execute(db);
  await sql.raw(rows[0]?.statement ?? '').execute(db);
}
