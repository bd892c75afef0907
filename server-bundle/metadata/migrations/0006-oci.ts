import { sql, type QueryExecutorProvider } from 'kysely';

/** Uploads of blobs that any node continues, the use of blobs that no manifest names yet, and indexes for what is asked of manifests. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table oci_upload (
    id uuid primary key,
    repository_id bigint not null,
    name text not null,
    -- bytes that have arrived, in order and without holes
    received bigint not null default 0,
    created_by text not null,
    created_at timestamptz not null default clock_timestamp(),
    touched_at timestamptz not null default clock_timestamp()
  )`,
  `create index oci_upload_touched on oci_upload (touched_at)`,
  // one file for each chunk that was acknowledged; files of attempts that failed have no row
  `create table oci_upload_piece (
    upload_id uuid not null references oci_upload on delete cascade,
    position bigint not null,
    size bigint not null,
    file text not null,
    primary key (upload_id, position)
  )`,
  // when somebody was told that a blob is there and may build on it; its age counts from then
  `create table oci_blob_use (
    repository_id bigint not null,
    path text collate "C" not null,
    used_at timestamptz not null default clock_timestamp(),
    primary key (repository_id, path)
  )`,
  `create index artifact_oci_subject on artifact (repository_id, (facts #>> '{oci,subject}')) where facts #>> '{oci,subject}' is not null`,
  `create index artifact_oci_manifest on artifact (repository_id, path) where path like '%/\\_manifests/%'`,
];
