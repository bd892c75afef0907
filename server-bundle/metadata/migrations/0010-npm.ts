import { sql, type QueryExecutorProvider } from 'kysely';

/** Names that npm packages give to some of their versions, and an index for the search by words. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // a row may name a version that is not there (any more): readers leave it out, so deletes need not know of this table
  `create table npm_dist_tag (
    repository_id bigint not null references repository (id) on delete cascade,
    package text collate "C" not null,
    tag text collate "C" not null,
    version text not null,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (repository_id, package, tag)
  )`,
  `create index artifact_npm_words on artifact using gin (to_tsvector('simple', facts->>'npmWords')) where facts ? 'npmWords'`,
];
