import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/*
 * Properties belong to rows of `artifact`: files, and markers of folders (their paths end in "/"). The foreign key takes them along when such a
 * row is deleted or renamed.
 */

/** Values by name; both in order. */
export type StoredProperties = ReadonlyMap<string, readonly string[]>;

function byName(rows: readonly { readonly name: string; readonly value: string }[]): StoredProperties {
  const found = new Map<string, string[]>();
  for (const { name, value } of rows) found.set(name, [...found.get(name) ?? [], value]);
  return found;
}

/** Properties of one item; empty when it has none or is not there. */
export async function findProperties(db: Reader, repositoryId: number, path: string): Promise<StoredProperties> {
  const rows = await db.selectFrom('artifact_property').select(['name', 'value'])
    .where('repository_id', '=', repositoryId).where('path', '=', path).orderBy('name').orderBy('value').execute();
  return byName(rows);
}

/** Properties of a file together with the blob that it has in the same moment; undefined when the file is not there. */
export async function propertiesWithBlob(
  db: Reader, repositoryId: number, path: string,
): Promise<{ readonly blobId: number; readonly properties: StoredProperties } | undefined> {
  const rows = await db.selectFrom('artifact')
    .leftJoin('artifact_property as property', (join) => join.onRef('property.repository_id', '=', 'artifact.repository_id').onRef('property.path', '=', 'artifact.path'))
    .select(['artifact.blob_id', 'property.name', 'property.value'])
    .where('artifact.repository_id', '=', repositoryId).where('artifact.path', '=', path).execute();
  const blobId = rows[0]?.blob_id;
  if (blobId === undefined || blobId === null) return undefined;
  return { blobId, properties: byName(rows.flatMap(({ name, value }) => (name === null || value === null ? [] : [{ name, value }]))) };
}

/** Properties of some items of a repository, by path. */
export async function propertiesAt(db: Reader, repositoryId: number, paths: readonly string[]): Promise<Map<string, StoredProperties>> {
  const { rows } = await sql<{ path: string; name: string; value: string }>`
    select path, name, value from artifact_property
    where repository_id = ${repositoryId} and path = any(${[...paths]}::text[]) order by path, name, value`.execute(db);
  const grouped = Map.groupBy(rows, (row) => row.path);
  return new Map([...grouped].map(([path, of]) => [path, byName(of)]));
}

/** An item, or (a folder, with `below`) everything in it as well. */
export interface PropertyScope {
  readonly repositoryId: number;
  /** ends in "/" for a folder */
  readonly path: string;
  readonly below: boolean;
}

const within = ({ repositoryId, path, below }: PropertyScope): ReturnType<typeof sql<boolean>> => (below
  ? sql<boolean>`repository_id = ${repositoryId} and path >= ${path} and path < ${`${path.slice(0, -1)}0`}`
  : sql<boolean>`repository_id = ${repositoryId} and path = ${path}`);

/** Gives the items of a scope the values, in place of what they had under the same names. The caller holds the lock of the path. */
export async function writeProperties(trx: Reader, scope: PropertyScope, properties: StoredProperties): Promise<void> {
  if (properties.size === 0) return;
  await removeProperties(trx, scope, [...properties.keys()]);
  const pairs = [...properties].flatMap(([name, values]) => values.map((value) => [name, value] as const));
  await sql`
    insert into artifact_property (repository_id, path, name, value)
    select repository_id, path, given.name, given.value
    from artifact cross join unnest(${pairs.map(([name]) => name)}::text[], ${pairs.map(([, value]) => value)}::text[]) as given(name, value)
    where ${within(scope)}`.execute(trx);
}

/** @param names null: all. Returns how many values went */
export async function removeProperties(trx: Reader, scope: PropertyScope, names: readonly string[] | null): Promise<number> {
  const named = names === null ? sql`true` : sql`name = any(${[...names]}::text[])`;
  const result = await sql`delete from artifact_property where ${within(scope)} and ${named}`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}

/** Path of an item in a scope that has more than so many values; undefined when none has. */
export async function itemWithMoreThan(trx: Reader, scope: PropertyScope, limit: number): Promise<string | undefined> {
  const { rows } = await sql<{ path: string }>`
    select path from artifact_property where ${within(scope)} group by path having count(*) > ${limit} limit 1`.execute(trx);
  return rows[0]?.path;
}

/** Copies the properties of some artifacts of one repository to their new paths, in place of what is there. */
export async function copyProperties(
  trx: Reader, from: { readonly repositoryId: number; readonly path: string }, to: { readonly repositoryId: number; readonly path: string }, paths: readonly string[],
): Promise<void> {
  const targets = paths.map((path) => to.path + path.slice(from.path.length));
  await sql`delete from artifact_property where repository_id = ${to.repositoryId} and path = any(${targets}::text[])`.execute(trx);
  await sql`
    insert into artifact_property (repository_id, path, name, value)
    select ${to.repositoryId}::bigint, renamed.target, property.name, property.value
    from unnest(${[...paths]}::text[], ${targets}::text[]) as renamed(source, target)
    join artifact_property as property on property.repository_id = ${from.repositoryId} and property.path = renamed.source`.execute(trx);
}
