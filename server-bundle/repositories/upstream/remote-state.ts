import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { ReadKey } from '../../cluster/ports.ts';
import { findFile, type StoredFile } from '../../metadata/artifacts.ts';
import { findUpstreamEntry, type UpstreamEntry } from '../../metadata/upstream-entries.ts';
import { remoteOf } from '../remote-settings.ts';
import type { Repository } from '../repository.ts';

/** What a remote repository has at a path, and what it knows of upstream. */
export interface RemoteState {
  readonly file: StoredFile | undefined;
  readonly entry: (UpstreamEntry & { /** monotonic, milliseconds */ readonly readAt: number }) | undefined;
}

/**
 * `fresh`: what is kept may be answered; `expired`: it may only when upstream says so or cannot be asked; `missing`: upstream had nothing a
 * moment ago; `unknown`: nothing is known
 */
export type Verdict = 'fresh' | 'expired' | 'missing' | 'unknown';

export async function readRemoteState(read: ReadKey, { id }: Repository, path: string): Promise<RemoteState> {
  const file = await read(cacheKeys.artifact(id, path), (db) => findFile(db, id, path));
  const entry = await read(cacheKeys.upstream(id, path), async (db) => {
    const readAt = performance.now();
    const found = await findUpstreamEntry(db, id, path);
    return found === undefined ? undefined : { ...found, readAt };
  });
  return { file, entry };
}

export function verdictOf(repository: Repository, { file, entry }: RemoteState): Verdict {
  const passed = entry === undefined ? 0 : performance.now() - entry.readAt;
  if (entry !== undefined && entry.missingMs > passed) return 'missing';
  if (file === undefined) return 'unknown';
  if (entry?.kind !== 'document') return 'fresh';
  return entry.ageMs + passed < remoteOf(repository).retrievalCachePeriodSecs * 1000 ? 'fresh' : 'expired';
}
