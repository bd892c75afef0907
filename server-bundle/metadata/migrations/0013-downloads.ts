import { sql, type QueryExecutorProvider } from 'kysely';

/**
 * How often files were downloaded. A row goes with its artifact, is renamed with it, and stays when the artifact is overwritten; a table of its own, so that counting writes no
 * row that a deploy or a cache depends on.
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`
    create table artifact_download (
      repository_id bigint not null,
      path text collate "C" not null,
      downloads bigint not null,
      last_at timestamptz not null,
      last_by text not null,
      primary key (repository_id, path),
      foreign key (repository_id, path) references artifact on delete cascade on update cascade
    )`.execute(db);
}
