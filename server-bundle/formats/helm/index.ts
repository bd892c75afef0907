import { z } from 'zod';
import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { Format } from '../format.ts';
import { emptyIndex, indexDocument, indexPath, mergeIndexes } from './index-document.ts';
import { inspectChart, isChart } from './inspect.ts';
import { helmRemote } from './remote.ts';

/** Helm charts behind an `index.yaml`. Charts in OCI registries are a format of their own. */
export const helm: Format = {
  packageType: 'helm',
  displayName: 'Helm',
  layout: 'simple-default',
  settings: z.object({}),
  admit: () => undefined,
  isMutable: () => false,
  computed: (repository, path) => (path === indexPath ? indexDocument(repository) : null),
  touches: (repository, path) => (isChart(path) ? [cacheKeys.helmIndex(repository.id)] : []),
  touchesBelow: (repository) => ({ keys: [cacheKeys.helmIndex(repository.id)] }),
  inspect: inspectChart,
  remote: helmRemote,
  merge: mergeIndexes,
  empty: emptyIndex,
};
