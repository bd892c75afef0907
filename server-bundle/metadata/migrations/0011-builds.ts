import { sql, type QueryExecutorProvider } from 'kysely';

/** What build tools publish about their builds. Text, not jsonb: it is given back as it came. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`
    create table build_info (
      name text collate "C" not null,
      number text collate "C" not null,
      started_at timestamptz not null,
      info text not null,
      published_by text not null,
      published_at timestamptz not null default clock_timestamp(),
      primary key (name, number, started_at)
    )`.execute(db);
}
