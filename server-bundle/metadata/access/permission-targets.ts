import { sql } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { Action } from '../../security/principal.ts';

/** To whom a permission target gives something; `anonymous`: requests without credentials. */
export type Grantee = { readonly kind: 'user' | 'group'; readonly name: string } | { readonly kind: 'anonymous' };

export interface TargetGrantRow {
  readonly to: Grantee;
  readonly actions: readonly Action[];
}

export interface PermissionTarget {
  readonly name: string;
  /** keys, `ANY`, `ANY LOCAL`, `ANY REMOTE` */
  readonly repositories: readonly string[];
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
  readonly grants: readonly TargetGrantRow[];
}

export async function listPermissionTargets(db: Reader): Promise<string[]> {
  return (await db.selectFrom('permission_target').select('name').orderBy('name').execute()).map(({ name }) => name);
}

export async function findPermissionTarget(db: Reader, name: string): Promise<PermissionTarget | undefined> {
  const target = await db.selectFrom('permission_target').select(['name', 'repositories', 'includes', 'excludes']).where('name', '=', name).executeTakeFirst();
  if (target === undefined) return undefined;
  const grants = await db.selectFrom('permission_grant').select(['user_name', 'group_name', 'actions']).where('target', '=', name)
    .orderBy('user_name').orderBy('group_name').execute();
  return {
    ...target,
    grants: grants.map(({ user_name: user, group_name: group, actions }) => ({
      to: user !== null ? { kind: 'user', name: user } : group !== null ? { kind: 'group', name: group } : { kind: 'anonymous' }, actions: actions as Action[],
    })),
  };
}

/** Creates the target or replaces all of it. @returns whether it is new */
export async function putPermissionTarget(trx: Reader, { name, repositories, includes, excludes, grants }: PermissionTarget): Promise<boolean> {
  const columns = { repositories: [...repositories], includes: [...includes], excludes: [...excludes] };
  const { rows } = await sql<{ created: boolean }>`insert into permission_target (name, repositories, includes, excludes)
    values (${name}, ${columns.repositories}, ${columns.includes}, ${columns.excludes})
    on conflict (name) do update set repositories = excluded.repositories, includes = excluded.includes, excludes = excluded.excludes, updated_at = clock_timestamp()
    returning (xmax = 0) as created`.execute(trx);
  await trx.deleteFrom('permission_grant').where('target', '=', name).execute();
  const values = grants.filter(({ actions }) => actions.length > 0).map(({ to, actions }) => ({
    target: name, user_name: to.kind === 'user' ? to.name : null, group_name: to.kind === 'group' ? to.name : null, actions: [...actions],
  }));
  if (values.length > 0) await trx.insertInto('permission_grant').values(values).execute();
  return rows[0]?.created === true;
}

/** @returns false when there is none */
export async function deletePermissionTarget(trx: Reader, name: string): Promise<boolean> {
  return (await trx.deleteFrom('permission_target').where('name', '=', name).executeTakeFirst()).numDeletedRows > 0n;
}

/** A repository is gone: whatever comes under its key later must not inherit its rights. */
export async function forgetRepository(trx: Reader, key: string): Promise<void> {
  await sql`update permission_target set repositories = array_remove(repositories, ${key}), updated_at = clock_timestamp()
    where ${key} = any (repositories)`.execute(trx);
}
