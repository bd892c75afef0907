import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** One published build; a number may be built again, at another time. */
export interface StoredBuild {
  readonly name: string;
  readonly number: string;
  readonly startedAt: Date;
  /** JSON, as it was published */
  readonly info: string;
}

export interface BuildRun {
  readonly number: string;
  readonly startedAt: Date;
}

/** Keeps a build, in place of one with the same name, number and start. */
export async function putBuild(db: Reader, { name, number, startedAt, info }: StoredBuild, by: string): Promise<void> {
  await db.insertInto('build_info').values({ name, number, started_at: startedAt, info, published_by: by })
    .onConflict((conflict) => conflict.columns(['name', 'number', 'started_at']).doUpdateSet({ info, published_by: by, published_at: sql`clock_timestamp()` })).execute();
}

/** All builds by name, with the start of the latest. */
export async function listBuilds(db: Reader): Promise<{ readonly name: string; readonly lastStarted: Date }[]> {
  const rows = await db.selectFrom('build_info').select((eb) => ['name', eb.fn.max('started_at').as('last_started')]).groupBy('name').orderBy('name').execute();
  return rows.map((row) => ({ name: row.name, lastStarted: row.last_started }));
}

/** Runs of one build, the latest first. */
export async function listBuildRuns(db: Reader, name: string): Promise<BuildRun[]> {
  const rows = await db.selectFrom('build_info').select(['number', 'started_at']).where('name', '=', name).orderBy('started_at', 'desc').execute();
  return rows.map((row) => ({ number: row.number, startedAt: row.started_at }));
}

/** @param startedAt null: the latest of that number */
export async function findBuild(db: Reader, name: string, number: string, startedAt: Date | null): Promise<StoredBuild | undefined> {
  const row = await db.selectFrom('build_info').selectAll().where('name', '=', name).where('number', '=', number)
    .$if(startedAt !== null, (query) => query.where('started_at', '=', startedAt ?? new Date(0)))
    .orderBy('started_at', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? undefined : { name: row.name, number: row.number, startedAt: row.started_at, info: row.info };
}

/** @param numbers null: all. @returns the numbers that went */
export async function deleteBuilds(db: Reader, name: string, numbers: readonly string[] | null): Promise<string[]> {
  const rows = await db.deleteFrom('build_info').where('name', '=', name)
    .$if(numbers !== null, (query) => query.where('number', 'in', [...numbers ?? []])).returning('number').execute();
  return [...new Set(rows.map((row) => row.number))];
}
