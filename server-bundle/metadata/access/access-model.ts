import { sql } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { Action } from '../../security/principal.ts';

/** Everything that decides about rights and does not belong to one user. */
export interface AccessRows {
  readonly groups: readonly { readonly name: string; readonly adminPrivileges: boolean }[];
  readonly targets: readonly TargetRow[];
  /** what targets give to groups, and (null) to requests without credentials; what they give to users is part of the account */
  readonly grants: readonly { readonly target: string; readonly group: string | null; readonly actions: readonly Action[] }[];
  readonly repositories: readonly { readonly key: string; readonly rclass: string; readonly config: unknown }[];
}

export interface TargetRow {
  readonly name: string;
  /** keys, `ANY`, `ANY LOCAL`, `ANY REMOTE` */
  readonly repositories: readonly string[];
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
}

/** In one statement, so that no answer is made of two states. Never absent, so that it can be cached from the first moment on. */
export async function readAccessRows(db: Reader): Promise<AccessRows> {
  const found = await sql<AccessRows>`select
    coalesce((select json_agg(json_build_object('name', name, 'adminPrivileges', admin_privileges) order by name) from user_group), '[]') as groups,
    coalesce((select json_agg(json_build_object('name', name, 'repositories', repositories, 'includes', includes, 'excludes', excludes) order by name)
      from permission_target), '[]') as targets,
    coalesce((select json_agg(json_build_object('target', target, 'group', group_name, 'actions', actions) order by target, group_name)
      from permission_grant where user_name is null), '[]') as grants,
    coalesce((select json_agg(json_build_object('key', key, 'rclass', rclass, 'config', case when rclass = 'virtual' then config end) order by key)
      from repository), '[]') as repositories`.execute(db);
  return found.rows[0] ?? { groups: [], targets: [], grants: [], repositories: [] };
}
