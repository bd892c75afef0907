import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { LanCluster, RotatedSecret } from '../../contract/index.ts';
import type { LanClusters } from '../fleet/index.ts';
import type { RotationBook } from './rotation-book.ts';
import { places } from './rotation.ts';

const words: Readonly<Record<RotatedSecret, string>> = { 'cluster-key': 'cluster key', 'database-password': 'database password' };

/**
 * A node that comes while a secret is being replaced would get one of the two, and which of them the others accept changes from phase to phase.
 *
 * @throws ROTATION_UNFINISHED while somebody replaces a secret of this cluster, or has left it half replaced
 */
export async function refuseWhileRotating(clusters: LanClusters, book: RotationBook, { clusterId, settings: { name } }: LanCluster): Promise<void> {
  const notes = book.read(clusterId);
  const underWay = book.isUnderWay(notes) ? notes.attempt?.what : undefined;
  for (const what of Object.keys(places) as RotatedSecret[]) {
    const isHalfDone = await clusters.secret(clusterId, places[what].next) !== undefined;
    if (what !== underWay && !isHalfDone) continue;
    throw new BulkheadError('ROTATION_UNFINISHED', `The ${words[what]} of "${name}" is ${what === underWay ? 'being replaced' : 'half replaced'}: a new node could not be given the right one`, {
      hint: what === underWay ? 'Wait until that has ended, then do this again. Nothing was changed.' : `Finish it with "bulkhead cluster rotate ${name} ${what}", or under Secrets in the app, then do this again. Nothing was changed.`,
      details: { what },
    });
  }
}
