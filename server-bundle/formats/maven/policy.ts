import { BulkheadError } from '../../contract/index.ts';
import { coordinatesOf } from './coordinates.ts';
import type { MavenSettings } from './settings.ts';

/**
 * Holds a path against the repository's version policy. A path that names no version (an archetype catalog, an index) is taken.
 * @throws LAYOUT_VIOLATION
 */
export function admitVersion(repositoryKey: string, settings: MavenSettings, path: string): void {
  const coordinates = coordinatesOf(path);
  if (coordinates === null) return;
  const isSnapshot = coordinates.snapshot !== null;
  if (isSnapshot ? settings.handleSnapshots : settings.handleReleases) return;
  throw new BulkheadError('LAYOUT_VIOLATION',
    `The repository '${repositoryKey}' takes no ${isSnapshot ? 'snapshots' : 'releases'}: '${path}' was rejected`,
    { details: { repository: repositoryKey, path, policy: { handleReleases: settings.handleReleases, handleSnapshots: settings.handleSnapshots } } });
}
