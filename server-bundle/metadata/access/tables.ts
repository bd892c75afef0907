import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Filled by the database's clock unless given. */
type Stamp = ColumnType<Date, Date | undefined, Date>;

export interface UserGroupTable {
  name: string;
  description: Generated<string>;
  auto_join: Generated<boolean>;
  admin_privileges: Generated<boolean>;
  created_at: Stamp;
  updated_at: Stamp;
}
export interface GroupMemberTable { user_name: string; group_name: string }
export interface PermissionTargetTable {
  name: string;
  repositories: string[];
  includes: string[];
  excludes: string[];
  created_at: Stamp;
  updated_at: Stamp;
}
export interface PermissionGrantTable {
  target: string;
  user_name: string | null;
  group_name: string | null;
  actions: string[];
}
export interface LoginFailureTable { user_name: string; at: Stamp }
export interface AuditEntryTable {
  id: GeneratedAlways<number>;
  at: Stamp;
  user_name: string;
  via: string;
  address: string;
  action: string;
  operation: string;
  repository: string | null;
  path: string | null;
  status: number;
  result: string;
  request_id: string;
  node_id: string;
}
