import { sql } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { Action } from '../../security/principal.ts';
import type { User } from '../users.ts';

/** A user with everything that decides about this user's rights alone. */
export interface Account extends User {
  /** groups that the user belongs to, by name */
  readonly groups: readonly string[];
  /** what permission targets give to the user by name */
  readonly grants: readonly { readonly target: string; readonly actions: readonly Action[] }[];
  /** milliseconds since 1970 until which the password is not accepted; null when it is */
  readonly lockedUntil: number | null;
}

/** In one statement, so that no answer is made of two states. */
export async function findAccount(db: Reader, name: string): Promise<Account | undefined> {
  const found = await sql<Account>`select u.name, u.password, u.email, u.role, u.disabled,
    coalesce((select json_agg(m.group_name order by m.group_name) from group_member m where m.user_name = u.name), '[]') as groups,
    coalesce((select json_agg(json_build_object('target', g.target, 'actions', g.actions) order by g.target)
      from permission_grant g where g.user_name = u.name), '[]') as grants,
    (extract(epoch from u.locked_until) * 1000)::float8 as "lockedUntil"
    from user_account u where u.name = ${name}`.execute(db);
  return found.rows[0];
}
