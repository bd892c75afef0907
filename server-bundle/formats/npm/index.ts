import { z } from 'zod';
import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { Format } from '../format.ts';
import { packumentDocument } from './documents.ts';
import { inspectTarball } from './inspect.ts';
import { mergePackuments } from './merge.ts';
import { packageFileOf, packagesBelow } from './paths.ts';
import { remoteNpm } from './remote.ts';

/** npm's layout: `{package}/-/{package}-{version}.tgz`, scopes included. Other paths hold plain files that no packument lists. */
export const npm: Format = {
  packageType: 'npm',
  displayName: 'Npm',
  layout: 'npm-default',
  settings: z.object({}),
  admit: () => undefined,
  isMutable: () => false,
  computed: packumentDocument,
  touches: (repository, path) => {
    const file = packageFileOf(path);
    return file === null ? [] : packumentKeys(repository.id, file.name);
  },
  touchesBelow: (repository, folder) => ({ keys: [], prefixes: [cacheKeys.npmPackumentsBelow(repository.id, packagesBelow(folder))] }),
  remote: remoteNpm,
  merge: mergePackuments,
  inspect: (repository, path, file) => inspectTarball(repository.key, path, file),
};

/** Cached answers that depend on what a package holds. */
export function packumentKeys(repositoryId: number, name: string): string[] {
  return [cacheKeys.npmPackument(repositoryId, `${name}/`, 'full'), cacheKeys.npmPackument(repositoryId, `${name}/`, 'abbreviated')];
}
