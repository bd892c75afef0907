import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { controlConnections } from '../cluster/grants/distribute.ts';
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
  /** of what is granted, what its holders cannot do without: the rest they give up for a newcomer */
  readonly indispensable: number;
  /** connections that a node holds beside its pool */
  readonly control: number;
  /** process of the server behind this connection */
  readonly backendPid: number;
  /** a standby: it may be read, and takes writes once it is promoted */
  readonly isStandby: boolean;
  readonly durability: Durability;
}

/** Whether what was acknowledged survives. */
export interface Durability {
  /** `fsync`: false loses acknowledged writes, and the whole database, with the power */
  readonly fsync: boolean;
  /** `synchronous_commit`, as sessions of this role get it */
  readonly synchronousCommit: string;
  /** `synchronous_standby_names`; empty: no commit waits for a standby */
  readonly synchronousStandbys: string;
  /** servers that stream from this one now */
  readonly standbys: number;
}

export async function serverFacts(db: Reader, keepForOthers: number): Promise<ServerFacts> {
  // the first statement pays for the connection
  await sql`select 1`.execute(db);
  const sentAt = Date.now();
  const found = await sql<{ now: number; serverVersion: string; mayCreate: boolean; hasSchema: boolean; backendPid: number; isStandby: boolean }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as now, current_setting('server_version') as "serverVersion",
      pg_backend_pid() as "backendPid", pg_is_in_recovery() as "isStandby",
      has_schema_privilege(current_schema(), 'create') as "mayCreate", to_regclass('connection_grant') is not null as "hasSchema"`.execute(db);
  const roundTripMs = Date.now() - sentAt;
  const row = found.rows[0];
  if (row === undefined) throw new Error('the server did not answer');
  const { budget } = budgetOf(await budgetFacts(db), keepForOthers);
  const { now, serverVersion, mayCreate, hasSchema, backendPid, isStandby } = row;
  return {
    serverVersion, mayCreate, hasSchema, roundTripMs, budget,
    clockOffsetMs: Math.round(sentAt + roundTripMs / 2 - now),
    ...(hasSchema ? await held(db) : { granted: 0, indispensable: 0 }),
    control: controlConnections, backendPid, isStandby, durability: await durability(db),
  };
}

async function held(db: Reader): Promise<{ granted: number; indispensable: number }> {
  const found = await sql<{ granted: number; indispensable: number }>`
    select coalesce(sum(pool + control), 0)::int as granted, coalesce(sum(least(pool, minimum) + control), 0)::int as indispensable from connection_grant`.execute(db);
  return found.rows[0] ?? { granted: 0, indispensable: 0 };
}

async function durability(db: Reader): Promise<Durability> {
  const found = await sql<Durability>`
    select current_setting('fsync')::boolean as fsync, current_setting('synchronous_commit') as "synchronousCommit",
      current_setting('synchronous_standby_names') as "synchronousStandbys", (select count(*)::int from pg_stat_replication) as standbys`.execute(db);
  const row = found.rows[0];
  if (row === undefined) throw new Error('the server did not say how it commits');
  return row;
}
