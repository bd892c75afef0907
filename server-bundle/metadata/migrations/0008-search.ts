import { sql, type QueryExecutorProvider } from 'kysely';

/** What makes searches over millions of artifacts cheap: by file name, and by time (rows lie on disk in about that order). */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // paths compare byte by byte, so this index serves LIKE with a pattern that begins with letters
  `create index artifact_file_name on artifact (lower(split_part(path, '/', -1))) where blob_id is not null`,
  `create index artifact_created on artifact using brin (created_at) with (pages_per_range = 32, autosummarize = on)`,
  `create index artifact_modified on artifact using brin (modified_at) with (pages_per_range = 32, autosummarize = on)`,
];
