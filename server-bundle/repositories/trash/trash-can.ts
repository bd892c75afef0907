import { z } from 'zod';
import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { ReadKey, Session, Touched } from '../../cluster/ports.ts';
import { isBulkheadError } from '../../contract/index.ts';
import { insertRepository } from '../../metadata/repositories.ts';
import { readSetting, writeSetting } from '../../metadata/settings.ts';
import { committed } from '../../metadata/committed.ts';
import { trashRepositoryKey } from '../../security/trash-access.ts';
import { readRepository, type Repository } from '../repository.ts';

const settingKey = 'trash-can';

/** Whether deleted artifacts are kept, and for how long. */
export const trashSettings = z.strictObject({
  enabled: z.boolean().default(true),
  retentionDays: z.number().int().min(1).max(3650).default(14),
});
export type TrashSettings = z.infer<typeof trashSettings>;

export async function readTrashSettings(read: ReadKey): Promise<TrashSettings> {
  return trashSettings.parse(await read(cacheKeys.setting(settingKey), async (db) => (await readSetting(db, settingKey)) ?? {}));
}

/** Holds on every node when it returns: a delete that begins later follows it. */
export async function changeTrashSettings(session: Session, settings: TrashSettings, by: string): Promise<void> {
  await session.coherence.change({ keys: [cacheKeys.setting(settingKey)] }, () => committed(session, async (trx) => {
    await writeSetting(trx, settingKey, settings);
    const message = settings.enabled ? `${by} set the trash can to keep deleted artifacts for ${String(settings.retentionDays)} days` : `${by} switched the trash can off`;
    await session.events.publish({ type: 'repository.changed', message, detail: { key: trashRepositoryKey, change: 'updated', by } }, trx);
  }));
}

/** Where what is deleted from a repository goes; null when it goes for good: the trash can is off, or this is a cache or the trash can itself. */
export async function trashFor(session: Session, repository: Repository): Promise<Repository | null> {
  if (repository.rclass !== 'local' || repository.key === trashRepositoryKey || !(await readTrashSettings(session.coherence.read)).enabled) return null;
  return trashCan(session);
}

/**
 * The trash can is a repository, so that whatever keeps the bytes of artifacts keeps those of deleted ones, in every version. It is made when it
 * is first needed; absence is never cached, so that takes no preparation.
 */
export async function trashCan({ db, coherence }: Session): Promise<Repository> {
  try {
    return await readRepository(coherence.read, trashRepositoryKey);
  } catch (error) {
    if (!isBulkheadError(error, 'REPOSITORY_NOT_FOUND')) throw error;
  }
  await insertRepository(db, {
    key: trashRepositoryKey, rclass: 'local', packageType: 'generic', layout: 'simple-default', description: 'Deleted artifacts, until they expire', config: {},
  }, 'system');
  return readRepository(coherence.read, trashRepositoryKey);
}

/** Cached answers that change when something of the trash can comes or goes. @param path a file, or a folder that ends in "/"; '': all */
export function touchedInTrash(trash: Pick<Repository, 'id'>, path: string): Touched {
  return path === '' || path.endsWith('/')
    ? { keys: [], prefixes: [cacheKeys.artifactsBelow(trash.id, path)] }
    : { keys: [cacheKeys.artifact(trash.id, path)] };
}
