import { sql, type QueryExecutorProvider } from 'kysely';

/**
 * The first schema. Later migrations only ever expand it: a node of the previous minor version keeps working.
 *
 * Row locks, in the order in which a transaction may take them:
 * `leadership` (FOR SHARE, master only) → `blob` (by sha256) → `artifact` (by repository, path) → everything else.
 * No row here is locked by every write.
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table cluster (
    singleton boolean primary key default true check (singleton),
    id uuid not null,
    name text not null,
    created_at timestamptz not null default clock_timestamp(),
    -- where the database was when the cluster last trusted it (fencing token: system, timeline, epoch)
    system_identifier text not null,
    timeline bigint not null,
    collection_locked text
  )`,
  `create table setting (key text primary key, value jsonb not null, updated_at timestamptz not null default clock_timestamp())`,

  // --- members
  `create table node (
    node_id text primary key,
    desired text not null default 'serving' check (desired in ('serving', 'draining', 'drained', 'stopped')),
    drain_deadline timestamptz,
    first_joined_at timestamptz not null default clock_timestamp()
  )`,
  `create table incarnation (
    id uuid primary key,
    node_id text not null references node,
    url text not null,
    version text not null,
    state text not null default 'starting' check (state in ('starting', 'serving', 'draining', 'drained')),
    started_at timestamptz not null default clock_timestamp(),
    heartbeat_at timestamptz not null default clock_timestamp(),
    -- set once, never cleared: nothing of this incarnation can commit afterwards
    gone_at timestamptz,
    gone_cause text check (gone_cause in ('left', 'lost', 'replaced', 'fenced')),
    -- true once its sessions are ended, its holds released and its leftovers swept
    cleaned boolean not null default false,
    caching boolean not null default false,
    right_number bigint not null default 0,
    in_flight integer not null default 0,
    pool jsonb not null default '{"max":0,"inUse":0,"idle":0,"waiting":0}',
    rates jsonb
  )`,
  `create unique index incarnation_one_live on incarnation (node_id) where gone_at is null`,
  `create index incarnation_uncleaned on incarnation (gone_at) where gone_at is not null and not cleaned`,

  // --- leadership: only a takeover updates this row; renewals live beside it
  `create table leadership (
    singleton boolean primary key default true check (singleton),
    epoch bigint not null,
    lease_id uuid not null,
    incarnation uuid,
    node_id text,
    since timestamptz not null default clock_timestamp()
  )`,
  `create table leadership_renewal (
    singleton boolean primary key default true check (singleton),
    lease_id uuid not null,
    renewed_at timestamptz not null,
    released boolean not null default false,
    -- node that a planned hand-over names; null: any
    released_to text
  )`,
  `create table epoch_history (
    epoch bigint primary key,
    node_id text not null,
    incarnation uuid not null,
    previous_node_id text,
    cause text not null check (cause in ('first', 'hand-over', 'fail-over', 'expired')),
    since timestamptz not null,
    ended_at timestamptz,
    gap_ms double precision
  )`,

  // --- connection grants
  `create table connection_grant (
    incarnation uuid primary key references incarnation,
    node_id text not null,
    -- what the pool may hold now; falls only after the sessions are really closed
    pool integer not null,
    -- what it is to become
    target integer not null,
    control integer not null,
    minimum integer not null,
    wanted integer not null,
    updated_at timestamptz not null default clock_timestamp()
  )`,

  // --- events: one sequence without holes
  `create table event (
    seq bigint primary key,
    at timestamptz not null default clock_timestamp(),
    type text not null,
    node_id text,
    message text not null,
    detail jsonb not null default '{}'
  )`,
  `create table event_sequence (singleton boolean primary key default true check (singleton), last bigint not null)`,
  `insert into event_sequence (last) values (0)`,

  // --- content
  `create table repository (
    id bigint generated always as identity primary key,
    key text not null unique,
    rclass text not null,
    package_type text not null,
    layout text not null,
    description text not null default '',
    config jsonb not null default '{}',
    generation bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null
  )`,
  `create table blob (
    id bigint generated always as identity primary key,
    sha256 text not null,
    -- makes the file name unique for ever: writer's incarnation and a counter
    generation text not null,
    size bigint not null,
    sha1 text not null,
    md5 text not null,
    sha512 text,
    created_at timestamptz not null default clock_timestamp(),
    tombstoned_at timestamptz,
    unique (sha256, generation)
  )`,
  `create unique index blob_one_live on blob (sha256) where tombstoned_at is null`,
  `create index blob_tombstoned on blob (tombstoned_at) where tombstoned_at is not null`,
  `create index blob_sha1 on blob (sha1)`,
  `create index blob_md5 on blob (md5)`,
  `create table artifact (
    repository_id bigint not null,
    -- no leading slash; a path that ends in "/" marks a folder that was made by hand and has no blob
    path text collate "C" not null,
    blob_id bigint references blob,
    mime_type text not null,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null,
    modified_at timestamptz not null default clock_timestamp(),
    modified_by text not null,
    -- as the client declared them
    original_md5 text,
    original_sha1 text,
    original_sha256 text,
    primary key (repository_id, path)
  )`,
  `create index artifact_blob on artifact (blob_id)`,
  // blobs that lost a reference (or never had one): what the collector looks at, so that it never scans everything
  `create table collection_candidate (
    blob_id bigint primary key references blob on delete cascade,
    since timestamptz not null default clock_timestamp()
  )`,
  `create index collection_candidate_since on collection_candidate (since)`,
  // replays: what a request that was committed has answered
  `create table request_result (
    id text primary key,
    incarnation uuid not null,
    status integer not null,
    headers jsonb not null default '{}',
    body text,
    created_at timestamptz not null default clock_timestamp()
  )`,
  `create index request_result_created on request_result (created_at)`,

  // --- access
  `create table user_account (
    name text primary key,
    password text,
    email text not null default '',
    role text not null check (role in ('admin', 'deployer', 'reader')),
    disabled boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
  )`,
  `create table access_token (
    id uuid primary key,
    user_name text not null references user_account on delete cascade,
    hash text not null unique,
    description text not null default '',
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    last_used_on date
  )`,

  // --- cluster-wide tasks
  `create table task_run (
    id uuid primary key,
    kind text not null,
    -- start of the slot a scheduled run belongs to; null for one on request
    slot timestamptz,
    epoch bigint,
    requested_by text not null,
    arguments jsonb not null default '{}',
    state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    cancel_requested boolean not null default false,
    progress jsonb not null default '{}',
    report jsonb,
    created_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    unique (kind, slot)
  )`,
  `create unique index task_run_one_active on task_run (kind) where state in ('queued', 'running')`,
];
