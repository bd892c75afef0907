import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** A name for one version of a package; the version need not be there. */
export interface DistTag {
  readonly tag: string;
  readonly version: string;
  readonly updatedAt: Date;
}

/** Tags of a package, by tag. */
export async function distTagsOf(db: Reader, repositoryId: number, name: string): Promise<DistTag[]> {
  const rows = await db.selectFrom('npm_dist_tag').select(['tag', 'version', 'updated_at'])
    .where('repository_id', '=', repositoryId).where('package', '=', name).orderBy('tag').execute();
  return rows.map((row) => ({ tag: row.tag, version: row.version, updatedAt: row.updated_at }));
}

/** Sets tags; in one order, so that publishes of one package do not deadlock. */
export async function setDistTags(trx: Reader, repositoryId: number, name: string, tags: ReadonlyMap<string, string>): Promise<void> {
  for (const [tag, version] of [...tags].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await trx.insertInto('npm_dist_tag').values({ repository_id: repositoryId, package: name, tag, version })
      .onConflict((conflict) => conflict.columns(['repository_id', 'package', 'tag']).doUpdateSet({ version, updated_at: sql`clock_timestamp()` }))
      .execute();
  }
}

/** Sets a tag unless the package has it. */
export async function addDistTag(trx: Reader, repositoryId: number, name: string, tag: string, version: string): Promise<void> {
  await trx.insertInto('npm_dist_tag').values({ repository_id: repositoryId, package: name, tag, version })
    .onConflict((conflict) => conflict.columns(['repository_id', 'package', 'tag']).doNothing()).execute();
}

/** Removes the tags that name a version; those that there were. */
export async function removeTagsOf(trx: Reader, repositoryId: number, name: string, version: string): Promise<string[]> {
  const rows = await trx.deleteFrom('npm_dist_tag').where('repository_id', '=', repositoryId).where('package', '=', name).where('version', '=', version).returning('tag').execute();
  return rows.map(({ tag }) => tag);
}

/** Removes one tag (all of the package, when left out); how many there were. */
export async function removeDistTags(trx: Reader, repositoryId: number, name: string, tag?: string): Promise<number> {
  const query = trx.deleteFrom('npm_dist_tag').where('repository_id', '=', repositoryId).where('package', '=', name);
  const result = await (tag === undefined ? query : query.where('tag', '=', tag)).executeTakeFirst();
  return Number(result.numDeletedRows);
}
