import type { Transaction } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import type { CollectionClaim, Filestore } from '../filestore/index.ts';
import { lockCollectionBecause } from '../metadata/cluster-identity.ts';
import { collectionLock } from '../metadata/collection.ts';
import { beginFirstLine, keepLine, ownClaim, type OwnClaim } from '../metadata/collection-claim.ts';
import type { Database } from '../metadata/schema.ts';
import type { TaskControl } from './task.ts';

export type ClaimedFiles = Pick<Filestore, 'collectionClaim' | 'claimCollection'>;
type Fenced = TaskControl['fenced'];

/** The filestore is somebody else's to collect. */
class ClaimedElsewhere extends BulkheadError {
  readonly reason: string;

  constructor(reason: string, found: CollectionClaim | 'unreadable') {
    super('COLLECTION_LOCKED', `Collection is locked: ${reason}`, { details: { found } });
    this.reason = reason;
  }
}

/** This database has never claimed anything. */
class NoLine extends Error {}

/**
 * One fenced transaction that deletes from the filestore. Before anything else it holds the claim in the filestore against the master's
 * own (system identifier, database, timeline, epoch): fencing by the database says nothing about another database, be it a restored
 * dump or a promoted replica, whose master works on the same files. When the claim is not this master's to replace, collection stays
 * locked until a person has confirmed.
 *
 * @throws COLLECTION_LOCKED, NOT_MASTER, FILESTORE_UNAVAILABLE
 */
export async function claimed<T>(fenced: Fenced, filestore: ClaimedFiles, effect: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
  const attempt = (): Promise<T> => fenced(async (trx) => {
    await requireUnlocked(trx);
    await claim(trx, filestore);
    return effect(trx);
  });
  try {
    return await attempt().catch(async (error: unknown) => {
      if (!(error instanceof NoLine)) throw error;
      await fenced(beginFirstLine);
      return attempt();
    });
  } catch (error) {
    // the transaction that found it out was rolled back; only a master may lock, not one that slept through its successor's claim
    if (error instanceof ClaimedElsewhere) await fenced((trx) => lockCollectionBecause(trx, error.reason));
    throw error;
  }
}

/** @throws COLLECTION_LOCKED */
export async function requireUnlocked(db: Reader): Promise<void> {
  const why = await collectionLock(db);
  if (why !== null) throw new BulkheadError('COLLECTION_LOCKED', `Collection is locked: ${why}`);
}

async function claim(trx: Reader, filestore: ClaimedFiles): Promise<void> {
  const [own, found] = [await ownClaim(trx), await filestore.collectionClaim()];
  if (own === null) throw new NoLine();
  const reason = objection(found, own);
  if (reason !== null && found !== null) throw new ClaimedElsewhere(reason, found);
  if (found !== null && found !== 'unreadable' && found.line === own.claim.line && found.leaseId === own.claim.leaseId) return;
  await filestore.claimCollection(own.claim);
  if (own.supersedes !== null) await keepLine(trx, own.claim.line);
}

/** Why a master may not replace the claim that it found; null: it may. */
export function objection(found: CollectionClaim | 'unreadable' | null, { claim: own, supersedes }: OwnClaim): string | null {
  if (found === null) return null;
  const line = lineIn(found);
  if (line === supersedes) return null;
  if (found === 'unreadable') return 'the filestore does not tell who collects it';
  if (line !== own.line) return `the filestore is collected by another history of the database (${printed(found)})`;
  if (found.systemIdentifier !== own.systemIdentifier || found.database !== own.database) {
    return `the filestore is collected by another database of the same history (${printed(found)})`;
  }
  const ahead = found.timeline - own.timeline || found.epoch - own.epoch;
  if (ahead > 0) return `the filestore is collected by a later master (${printed(found)})`;
  return ahead === 0 && found.leaseId !== own.leaseId ? `the filestore is collected by another master of this epoch (${printed(found)})` : null;
}

/** How a confirmation names what it replaces. */
export function lineIn(found: CollectionClaim | 'unreadable'): string {
  return found === 'unreadable' ? found : found.line;
}

function printed({ systemIdentifier, database, timeline, epoch }: CollectionClaim): string {
  return `system ${systemIdentifier}, database ${database}, timeline ${String(timeline)}, epoch ${String(epoch)}`;
}
