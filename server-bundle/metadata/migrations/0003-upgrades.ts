import { sql, type QueryExecutorProvider } from 'kysely';

/** Drains that end by themselves, nodes that may not come back, and the upgrade that is under way. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // by whoever drains from outside: from then on the node is to serve again, whether that one still lives or not
  `alter table node add column drain_until timestamptz`,
  // why, and by whom: {"by", "note", "kind"}
  `alter table node add column drain_note jsonb`,
  // a host that is gone for good: its node is refused until somebody admits it again
  `alter table node add column forgotten_at timestamptz`,
  `alter table node add column forgotten_by text`,
  `create table upgrade_run (
    id uuid primary key,
    -- both as the control room writes them; the cluster only keeps them
    plan jsonb not null,
    progress jsonb not null,
    state text not null check (state in ('running', 'paused', 'rolling-back', 'done', 'rolled-back', 'failed')),
    -- what somebody else asks of the holder
    wish text check (wish in ('pause')),
    started_by text not null,
    started_at timestamptz not null default clock_timestamp(),
    -- null while it may still go on: of those there is one
    ended_at timestamptz,
    holder text not null,
    holder_token uuid not null,
    holder_until timestamptz not null
  )`,
  `create unique index upgrade_run_one_open on upgrade_run ((true)) where ended_at is null`,
];
