import { sql, type Kysely, type QueryExecutorProvider } from 'kysely';
import { BulkheadError } from '../contract/index.ts';
import { migrations, type Migration } from './migrations/index.ts';
import type { Database } from './schema.ts';

/** Any constant will do, as long as nothing else in the database uses it ("bulkhead" in ASCII, cut to 63 bits). */
const lockKey = 0x62756c6b68656164n & 0x7fffffffffffffffn;

export interface MigrationReport {
  /** numbers applied by this call */
  readonly applied: readonly number[];
  /** highest number that the database holds now */
  readonly schema: number;
}

/**
 * Brings the schema to what this bundle knows. Each migration is one transaction that holds a transaction-scoped
 * advisory lock: all nodes may start at once, and neither a pooler nor a half-open socket can strand the lock, because
 * the server ends an idle transaction by itself.
 *
 * @throws VERSION_UNSUPPORTED when the schema is newer than this bundle can serve; nothing is changed then
 * @throws DATABASE_UNSUPPORTED on PostgreSQL before 14, or an encoding other than UTF-8
 */
export async function migrate(db: Kysely<Database>, known: readonly Migration[] = migrations): Promise<MigrationReport> {
  await requireSupportedServer(db);
  const applied: number[] = [];
  if (await isCurrent(db, known)) return { applied, schema: latest(known) };
  for (;;) {
    const step = await db.transaction().execute((trx) => applyNext(trx, known));
    if (step.applied === null) return { applied, schema: step.schema };
    applied.push(step.applied);
  }
}

/** The usual start: nothing to do, seen with one plain read and without the lock. */
async function isCurrent(db: QueryExecutorProvider, known: readonly Migration[]): Promise<boolean> {
  if (!await hasTable(db)) return false;
  const rows = await appliedRows(db);
  requireServable(rows, known);
  return known.every((migration) => rows.some((row) => row.number === migration.number));
}

async function applyNext(trx: QueryExecutorProvider, known: readonly Migration[]): Promise<{ applied: number | null; schema: number }> {
  await sql`set local lock_timeout = '60s'`.execute(trx);
  await sql`set local statement_timeout = '600s'`.execute(trx);
  await sql`set local idle_in_transaction_session_timeout = '15s'`.execute(trx);
  await sql`select pg_advisory_xact_lock(${lockKey.toString()}::bigint)`.execute(trx);
  await sql`create table if not exists schema_migration (
    number integer primary key,
    name text not null,
    -- a bundle that knows at least this migration can serve the schema
    serves_from integer not null,
    applied_at timestamptz not null default clock_timestamp()
  )`.execute(trx);
  const rows = await appliedRows(trx);
  requireServable(rows, known);
  const next = known.find((migration) => !rows.some((row) => row.number === migration.number));
  if (next === undefined) return { applied: null, schema: Math.max(0, ...rows.map((row) => row.number)) };
  await next.up(trx);
  await sql`insert into schema_migration (number, name, serves_from)
    values (${next.number}, ${next.name}, ${next.servesFrom})`.execute(trx);
  return { applied: next.number, schema: next.number };
}

/** What the database holds, and the least that a bundle has to know to serve it. */
export async function schemaState(db: QueryExecutorProvider): Promise<{ applied: number; servesFrom: number }> {
  const rows = await appliedRows(db);
  const highest = (of: (row: AppliedMigration) => number): number => Math.max(0, ...rows.map(of));
  return { applied: highest((row) => row.number), servesFrom: highest((row) => row.serves_from) };
}

/** Whether this migration was applied; also while there is no schema at all. */
export async function hasSchema(db: QueryExecutorProvider, number: number): Promise<boolean> {
  return await hasTable(db) && (await appliedRows(db)).some((row) => row.number === number);
}

async function hasTable(db: QueryExecutorProvider): Promise<boolean> {
  const exists = await sql<{ found: boolean }>`select to_regclass('schema_migration') is not null as found`.execute(db);
  return exists.rows[0]?.found === true;
}

interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly serves_from: number;
}

async function appliedRows(db: QueryExecutorProvider): Promise<readonly AppliedMigration[]> {
  const found = await sql<AppliedMigration>`select number, name, serves_from from schema_migration order by number`.execute(db);
  return found.rows;
}

/** A newer bundle may have migrated already; it says up to which older bundle its schema still serves. */
function requireServable(rows: readonly AppliedMigration[], known: readonly Migration[]): void {
  const newest = latest(known);
  const unservable = rows.find((row) => row.number > newest && row.serves_from > newest);
  if (unservable === undefined) return;
  throw new BulkheadError('VERSION_UNSUPPORTED', undefined, {
    details: { schema: rows.at(-1)?.number, known: newest, needed: unservable.serves_from, migration: unservable.name },
  });
}

/** The highest migration that this bundle knows. */
export function latest(known: readonly Migration[] = migrations): number {
  return Math.max(0, ...known.map((migration) => migration.number));
}

export async function requireSupportedServer(db: QueryExecutorProvider): Promise<void> {
  const found = await sql<{ version: number; encoding: string }>`
    select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`.execute(db);
  const server = found.rows[0];
  if (server !== undefined && server.version >= 140_000 && server.encoding === 'UTF8') return;
  throw new BulkheadError('DATABASE_UNSUPPORTED', undefined, { details: server });
}
