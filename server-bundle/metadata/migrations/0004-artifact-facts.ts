import { sql, type QueryExecutorProvider } from 'kysely';

/** What a format found in a file when it was deployed (a package's manifest): the indexes of its repository are made of it. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`alter table artifact add column facts jsonb`.execute(db);
}
