import { randomUUID } from 'node:crypto';
import { BulkheadError } from '../../contract/index.ts';
import type { StorageSummary } from '../../contract/storage-summary.ts';
import { findFormat } from '../../formats/index.ts';
import { requestTaskRun } from '../../metadata/task-runs.ts';
import { trashRepositoryKey } from '../../metadata/repositories.ts';
import { requireAdmin } from '../../security/authorize.ts';
import { readStorageSummary, storageSummaryTask } from '../../tasks/summarize-storage.ts';
import type { RouteModule } from '../route-module.ts';

const base = '/artifactory/api/storageinfo';

/** What the repositories hold. Artifactory's call and its numbers as text, with the plain numbers beside them. */
export const storageSummaryRoutes: RouteModule = (app, { filestore, runtime }) => {
  app.get(base, async (request) => {
    requireAdmin(request.principal);
    const summary = await readStorageSummary(runtime.session().db);
    if (summary === undefined) throw new BulkheadError('STORAGE_NOT_SUMMARIZED');
    const { path, totalBytes, freeBytes } = filestore.state();
    return {
      calculatedAt: summary.calculatedAt,
      binariesSummary: binaries(summary),
      fileStoreSummary: {
        storageType: 'file-system', storageDirectory: path, totalSpace: shownBytes(totalBytes), freeSpace: shownBytes(freeBytes),
        usedSpace: totalBytes === null || freeBytes === null ? shownBytes(null) : shownBytes(totalBytes - freeBytes),
      },
      repositoriesSummaryList: repositoriesOf(summary),
    };
  });

  app.post(`${base}/calculate`, async (request, reply) => {
    requireAdmin(request.principal);
    // one that is under way already will do
    await requestTaskRun(runtime.session().db, { id: randomUUID(), kind: storageSummaryTask, requestedBy: request.principal.name, arguments: {} });
    return reply.code(202).send({ info: 'Calculating storage summary' });
  });
};

function binaries({ blobs, repositories }: StorageSummary): Record<string, unknown> {
  const artifacts = repositories.reduce((sum, { files }) => sum + files, 0);
  const artifactBytes = repositories.reduce((sum, { bytes }) => sum + bytes, 0);
  const items = repositories.reduce((sum, { files, folders }) => sum + files + folders, 0);
  return {
    binariesCount: grouped(blobs.blobs), binariesSize: shownBytes(blobs.bytes), binariesSizeInBytes: blobs.bytes,
    artifactsSize: shownBytes(artifactBytes), optimization: share(blobs.bytes, artifactBytes), itemsCount: grouped(items), artifactsCount: grouped(artifacts),
  };
}

function repositoriesOf({ repositories }: StorageSummary): Record<string, unknown>[] {
  const total = repositories.reduce((sum, { bytes }) => sum + bytes, 0);
  const each = repositories.map(({ key, rclass, packageType, files, folders, bytes }) => ({
    repoKey: key, repoType: key === trashRepositoryKey ? 'NA' : rclass === 'remote' ? 'CACHE' : rclass.toUpperCase(), foldersCount: folders, filesCount: files,
    usedSpace: shownBytes(bytes), usedSpaceInBytes: bytes, itemsCount: files + folders, packageType: findFormat(packageType)?.displayName ?? packageType, percentage: share(bytes, total),
  }));
  const sum = (field: 'files' | 'folders'): number => repositories.reduce((so, repository) => so + repository[field], 0);
  return [...each, {
    repoKey: 'TOTAL', repoType: 'NA', foldersCount: sum('folders'), filesCount: sum('files'), usedSpace: shownBytes(total), usedSpaceInBytes: total, itemsCount: sum('files') + sum('folders'),
  }];
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function share(part: number, whole: number): string {
  return `${whole === 0 ? '0' : String(Math.round((part / whole) * 10_000) / 100)}%`;
}

const units = ['KB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes as Artifactory writes them: powers of 1024, two decimals. */
function shownBytes(bytes: number | null): string {
  if (bytes === null) return 'unknown';
  if (bytes < 1024) return `${String(bytes)} bytes`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${(bytes / 1024 ** power).toFixed(2)} ${units[power - 1] ?? ''}`;
}
