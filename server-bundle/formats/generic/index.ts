import { z } from 'zod';
import { sameFile } from '../file-upstream.ts';
import type { Format } from '../format.ts';

/** Files under any path; nothing is derived from them. */
export const generic: Format = {
  packageType: 'generic',
  displayName: 'Generic',
  layout: 'simple-default',
  settings: z.object({}),
  admit: () => undefined,
  isMutable: () => false,
  computed: () => null,
  touches: () => [],
  touchesBelow: () => ({ keys: [] }),
  remote: { upstream: async (_repository, path) => sameFile(path) },
};
