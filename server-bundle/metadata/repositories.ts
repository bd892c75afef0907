import type { Selectable } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import type { RepositoryTable } from './schema.ts';

/** A repository as it is stored; `config` is what its format made of the configuration. */
export interface StoredRepository {
  readonly id: number;
  readonly key: string;
  readonly rclass: string;
  readonly packageType: string;
  readonly layout: string;
  readonly description: string;
  readonly config: unknown;
  /** grows with every change of the configuration */
  readonly generation: number;
}

export type NewRepository = Omit<StoredRepository, 'id' | 'generation'>;

function stored(row: Selectable<RepositoryTable>): StoredRepository {
  const { id, key, rclass, layout, description, config, generation } = row;
  return { id, key, rclass, packageType: row.package_type, layout, description, config, generation };
}

export async function findRepository(db: Reader, key: string): Promise<StoredRepository | undefined> {
  const row = await db.selectFrom('repository').selectAll().where('key', '=', key).executeTakeFirst();
  return row === undefined ? undefined : stored(row);
}

/** Key of the repository that deleted artifacts go to; nobody can make or change it. */
export const trashRepositoryKey = 'auto-trashcan';

/** All repositories, by key, without the trash can. */
export async function listRepositories(db: Reader): Promise<StoredRepository[]> {
  return (await db.selectFrom('repository').selectAll().where('key', '<>', trashRepositoryKey).orderBy('key').execute()).map(stored);
}

/** Remote repositories whose password is sealed with another key than this one. */
export async function repositoriesSealedOtherwise(db: Reader, keyId: string): Promise<StoredRepository[]> {
  return (await listRepositories(db)).filter(({ rclass, config }) => {
    if (rclass !== 'remote') return false;
    const { password, proxyPassword } = (config as { remote?: { password?: { keyId?: string }; proxyPassword?: { keyId?: string } } }).remote ?? {};
    return [password, proxyPassword].some((sealed) => sealed !== undefined && sealed.keyId !== keyId);
  });
}

/** The key of a repository that differs from `key` in case at most; two such would be one folder for many clients. */
export async function findSimilarKey(db: Reader, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('repository').select('key')
    .where((eb) => eb(eb.fn<string>('lower', ['key']), '=', key.toLowerCase())).executeTakeFirst();
  return row?.key;
}

/** Adds a repository; undefined when the key is taken. */
export async function insertRepository(db: Reader, repository: NewRepository, createdBy: string): Promise<StoredRepository | undefined> {
  const { key, rclass, packageType, layout, description, config } = repository;
  const row = await db.insertInto('repository')
    .values({ key, rclass, package_type: packageType, layout, description, config: JSON.stringify(config), created_by: createdBy })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returningAll().executeTakeFirst();
  return row === undefined ? undefined : stored(row);
}

/** Replaces layout, description and configuration of the generation that was read; false when somebody changed it meanwhile. */
export async function updateRepository(db: Reader, repository: StoredRepository): Promise<boolean> {
  const result = await db.updateTable('repository')
    .set((eb) => ({
      layout: repository.layout, description: repository.description, config: JSON.stringify(repository.config),
      generation: eb('generation', '+', 1),
    }))
    .where('id', '=', repository.id).where('generation', '=', repository.generation)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Removes the repository itself; its artifacts are the caller's. */
export async function deleteRepository(db: Reader, id: number): Promise<boolean> {
  const result = await db.deleteFrom('repository').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}
