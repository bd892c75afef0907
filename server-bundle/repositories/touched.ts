import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Touched } from '../cluster/ports.ts';
import type { Repository } from './repository.ts';

/** Cached answers that a change of the file at `path` alters, its own among them. */
export function touchedByFile(repository: Repository, path: string): Touched {
  const upstream = repository.rclass === 'remote' ? [cacheKeys.upstream(repository.id, path)] : [];
  return { keys: [cacheKeys.artifact(repository.id, path), ...upstream, ...repository.format.touches(repository, path)] };
}

/** Cached answers that a change of a whole folder (ends in "/", or empty: the repository) alters. */
export function touchedByFolder(repository: Repository, folder: string): Touched {
  return together([
    { keys: [], prefixes: [cacheKeys.artifactsBelow(repository.id, folder), ...(repository.rclass === 'remote' ? [cacheKeys.upstreamBelow(repository.id, folder)] : [])] },
    repository.format.touchesBelow(repository, folder),
  ]);
}

export function together(parts: readonly Touched[]): Touched {
  return {
    keys: [...new Set(parts.flatMap((part) => part.keys))],
    prefixes: [...new Set(parts.flatMap((part) => part.prefixes ?? []))],
  };
}
