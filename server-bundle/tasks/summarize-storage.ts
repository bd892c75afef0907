import { findRepository, listRepositories, trashRepositoryKey } from '../metadata/repositories.ts';
import { readSetting, writeSetting } from '../metadata/settings.ts';
import { blobUsage, repositoryUsage } from '../metadata/storage-summary.ts';
import type { Reader } from '../cluster/ports.ts';
import { storageSummary, type StorageSummary } from '../contract/storage-summary.ts';
import type { Task } from './task.ts';

/** Kind of the runs; for whoever asks for one. */
export const storageSummaryTask = 'storage-summary';
const settingKey = 'storage-summary';
const slotSeconds = 3600;

/** Adds up what each repository holds: too much to read for every question. */
export function summarizeStorage(): Task {
  return {
    kind: storageSummaryTask,
    slotSeconds,
    announced: () => false,
    run: async (_args, control) => {
      const trash = await findRepository(control.db, trashRepositoryKey);
      const repositories = [...await listRepositories(control.db), ...(trash === undefined ? [] : [trash])];
      const usages: StorageSummary['repositories'] = [];
      for (const { id, key, rclass, packageType } of repositories) {
        usages.push({ key, rclass, packageType, ...await repositoryUsage(control.db, id) });
        await control.step({ repositories: usages.length });
      }
      const blobs = await blobUsage(control.db);
      await control.fenced((trx) => writeSetting(trx, settingKey, { calculatedAt: new Date().toISOString(), blobs, repositories: usages } satisfies StorageSummary));
      return { repositories: usages.length };
    },
  };
}

/** The last sum; undefined before the first. Read from the database: nothing of it is cached. */
export async function readStorageSummary(db: Reader): Promise<StorageSummary | undefined> {
  const stored = storageSummary.safeParse(await readSetting(db, settingKey));
  return stored.success ? stored.data : undefined;
}
