import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { budgetFacts, budgetOf } from './grants.ts';

/** What a node has to know of its database before it is started for the first time. */
export interface ServerFacts {
  readonly serverVersion: string;
  /** this host's clock minus the database's, milliseconds; half of the round trip is uncertain */
  readonly clockOffsetMs: number;
  readonly roundTripMs: number;
  /** whether the role may make tables in the database */
  readonly mayCreate: boolean;
  /** whether the schema is there already */
  readonly hasSchema: boolean;
  readonly budget: number;
  readonly granted: number;
}

export async function serverFacts(db: Reader, keepForOthers: number): Promise<ServerFacts> {
  // the first statement pays for the connection
  await sql`select 1`.execute(db);
  const sentAt = Date.now();
  const found = await sql<{ now: number; serverVersion: string; mayCreate: boolean; hasSchema: boolean }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as now, current_setting('server_version') as "serverVersion",
      has_schema_privilege(current_schema(), 'create') as "mayCreate", to_regclass('connection_grant') is not null as "hasSchema"`.execute(db);
  const roundTripMs = Date.now() - sentAt;
  const row = found.rows[0];
  if (row === undefined) throw new Error('the server did not answer');
  const { budget } = budgetOf(await budgetFacts(db), keepForOthers);
  const { now, serverVersion, mayCreate, hasSchema } = row;
  return {
    serverVersion, mayCreate, hasSchema, roundTripMs, budget,
    clockOffsetMs: Math.round(sentAt + roundTripMs / 2 - now),
    granted: hasSchema ? await granted(db) : 0,
  };
}

async function granted(db: Reader): Promise<number> {
  const found = await sql<{ sum: number }>`select coalesce(sum(pool + control), 0)::int as sum from connection_grant`.execute(db);
  return found.rows[0]?.sum ?? 0;
}
