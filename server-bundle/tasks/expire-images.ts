import type { Coherence } from '../cluster/ports.ts';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { NodeConfig } from '../config/schema.ts';
import type { Filestore } from '../filestore/index.ts';
import { registryPackageTypes } from '../formats/oci/package-types.ts';
import { momentAgo, type DatabaseMoment } from '../metadata/collection.ts';
import { blobsNeeded, deleteUnusedBlobs, forgetOldUses, idleBlobs } from '../metadata/oci-expiry.ts';
import { expireUploads, livingUploads } from '../metadata/oci-uploads.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import { listRepositories } from '../metadata/repositories.ts';
import { claimed, requireUnlocked, type ClaimedFiles } from './claim.ts';
import type { Task, TaskControl } from './task.ts';

const listedAtOnce = 500;
/** Blobs deleted in one transaction: whoever pushes a manifest that names one of them waits for it. */
const deletedAtOnce = 50;
const sweptAtOnce = 100;

type Files = Pick<Filestore, 'pieces' | 'removePiece' | 'verify'> & ClaimedFiles;

/** Ends uploads that nobody continues, removes pieces that belong to none, and gives up blobs that no manifest names and nobody has used for long. */
export function expireImages(filestore: Files, coherence: Pick<Coherence, 'change'>, settings: NodeConfig['oci']): Task {
  return {
    kind: 'oci',
    slotSeconds: settings.expirySeconds,
    announced: (report) => Number(report['blobs']) > 0,
    run: async (_args, control) => {
      const report = { uploads: 0, pieces: 0, blobs: 0 };
      report.uploads = await repeat(control, (trx) => expireUploads(trx, settings.uploadHours, listedAtOnce));
      await control.step({ ...report });
      report.pieces = await sweepPieces(filestore, control);
      await control.step({ ...report });
      const since = await momentAgo(control.db, settings.unusedBlobHours * 3600);
      for (const { id, packageType, rclass } of await listRepositories(control.db)) {
        // what a remote repository keeps is a copy, and no client builds on it
        if (rclass === 'local' && registryPackageTypes.includes(packageType)) {
          for await (const gone of unusedBlobs(coherence, control, id, since)) {
            report.blobs += gone;
            await control.step({ ...report });
          }
        }
      }
      await repeat(control, (trx) => forgetOldUses(trx, since, listedAtOnce));
      return report;
    },
  };
}

/** A piece whose upload is over, or whose row was never committed, is nobody's. Its upload's row is older than the file: so it is not one that has just begun. */
async function sweepPieces(filestore: Files, control: TaskControl): Promise<number> {
  const pieces = await filestore.pieces();
  let removed = 0;
  for (let at = 0; at < pieces.length; at += sweptAtOnce) {
    const batch = pieces.slice(at, at + sweptAtOnce);
    removed += await claimed((effect) => control.fenced(effect), filestore, async (trx) => {
      const living = await livingUploads(trx, batch.map(({ uploadId }) => uploadId));
      const orphans = batch.filter(({ uploadId }) => !living.has(uploadId));
      for (const { file } of orphans) await filestore.removePiece(file);
      return orphans.length;
    });
  }
  return removed;
}

/** Walks through the blobs of a repository, name by name, and deletes those that nothing needs; yields how many each time. */
async function* unusedBlobs(coherence: Pick<Coherence, 'change'>, control: TaskControl, repositoryId: number, since: DatabaseMoment): AsyncGenerator<number> {
  let after = '';
  for (;;) {
    const idle = await idleBlobs(control.db, repositoryId, since, after, listedAtOnce);
    const last = idle.at(-1);
    if (last === undefined) return;
    after = last;
    for (const [folder, paths] of byName(idle)) {
      const needed = await blobsNeeded(control.db, repositoryId, folder);
      const unneeded = paths.filter((path) => !needed.has(digestOf(path)));
      for (let at = 0; at < unneeded.length; at += deletedAtOnce) {
        const batch = unneeded.slice(at, at + deletedAtOnce);
        yield await coherence.change({ keys: batch.map((path) => cacheKeys.artifact(repositoryId, path)) }, () => control.fenced(async (trx) => {
          await requireUnlocked(trx);
          await lockPaths(trx, batch.map((path) => ({ repositoryId, path })));
          return (await deleteUnusedBlobs(trx, repositoryId, batch, since, folder, digestOf)).length;
        }));
      }
    }
  }
}

/** Paths below the folder that holds the manifests of their name. */
function byName(paths: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const folder = `${path.slice(0, path.lastIndexOf('/_blobs/'))}/_manifests/`;
    groups.set(folder, [...groups.get(folder) ?? [], path]);
  }
  return groups;
}

function digestOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function repeat(control: TaskControl, batch: Parameters<typeof control.fenced<number>>[0]): Promise<number> {
  let total = 0;
  for (;;) {
    const done = await control.fenced(batch);
    if (done === 0) return total;
    total += done;
  }
}
