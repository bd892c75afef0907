import { sql, type QueryExecutorProvider } from 'kysely';

/** What remote repositories know of their upstreams, and who is fetching what. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // the bytes are artifacts of the repository, under the same paths
  `create table upstream_entry (
    repository_id bigint not null,
    path text collate "C" not null,
    kind text not null check (kind in ('document', 'file')),
    etag text,
    last_modified text,
    checked_at timestamptz not null default clock_timestamp(),
    -- until then upstream is known to have nothing there
    missing_until timestamptz,
    primary key (repository_id, path)
  )`,
  `create index upstream_entry_missing on upstream_entry (missing_until) where missing_until is not null`,
  // one node fetches a path for all of them
  `create table upstream_claim (
    repository_id bigint not null,
    path text collate "C" not null,
    incarnation uuid not null,
    token uuid not null,
    started_at timestamptz not null default clock_timestamp(),
    renewed_at timestamptz not null default clock_timestamp(),
    primary key (repository_id, path)
  )`,
];
