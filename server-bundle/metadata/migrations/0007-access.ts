import { sql, type QueryExecutorProvider } from 'kysely';

/**
 * Groups, permission targets, lock-out, tokens with scopes, the audit log. Roles keep their meaning, so nobody's rights change. A node
 * that does not know the role `user` refuses such users, and it does not take tokens that are narrowed (they have a form of their own).
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table user_account drop constraint user_account_role_check`,
  `alter table user_account add constraint user_account_role_check check (role in ('admin', 'deployer', 'reader', 'user'))`,
  `alter table user_account add column locked_until timestamptz`,

  `create table user_group (
    name text primary key,
    description text not null default '',
    -- new users belong to it
    auto_join boolean not null default false,
    -- members are administrators
    admin_privileges boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
  )`,
  `create table group_member (
    user_name text not null references user_account on delete cascade,
    group_name text not null references user_group on delete cascade,
    primary key (user_name, group_name)
  )`,
  `create index group_member_of on group_member (group_name)`,
  `create table permission_target (
    name text primary key,
    -- keys of repositories, or ANY, ANY LOCAL, ANY REMOTE
    repositories text[] not null,
    includes text[] not null,
    excludes text[] not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
  )`,
  `create table permission_grant (
    target text not null references permission_target on delete cascade,
    -- one of the two; neither: whoever comes without credentials
    user_name text references user_account on delete cascade,
    group_name text references user_group on delete cascade,
    actions text[] not null,
    check (user_name is null or group_name is null)
  )`,
  `create unique index permission_grant_one on permission_grant (target, coalesce(user_name, ''), coalesce(group_name, ''))`,
  `create index permission_grant_user on permission_grant (user_name) where user_name is not null`,
  `create index permission_grant_group on permission_grant (group_name) where group_name is not null`,

  // null: all that its user may
  `alter table access_token add column scope text`,
  // who a token of nobody in particular acts as; user_name answers for it then
  `alter table access_token add column subject text`,
  `alter table access_token add column kind text not null default 'access'`,
  // null: cannot be refreshed
  `alter table access_token add column refresh_hash text unique`,
  `alter table access_token add column lifetime_seconds bigint`,
  `create unique index access_token_api_key on access_token (user_name) where kind = 'api-key'`,

  // failed logins since the last good one; only ever inserted, so that guesses do not wait for one another
  `create table login_failure (
    user_name text not null references user_account on delete cascade,
    at timestamptz not null default clock_timestamp()
  )`,
  `create index login_failure_of on login_failure (user_name, at)`,

  `create table audit_entry (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    user_name text not null,
    via text not null,
    address text not null,
    action text not null,
    -- method and route, for example "PUT /artifactory/:repository/*"
    operation text not null,
    repository text,
    path text,
    status integer not null,
    -- OK, or the code of the error
    result text not null,
    request_id text not null,
    node_id text not null
  )`,
  `create index audit_entry_at on audit_entry (at)`,
  `create index audit_entry_user on audit_entry (user_name, id)`,
  `create index audit_entry_repository on audit_entry (repository, id) where repository is not null`,
];
