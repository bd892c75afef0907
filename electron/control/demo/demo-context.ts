import type { ClusterAccess } from '../node-api/index.ts';
import type { DemoFolder } from './folder.ts';
import type { DemoEnvironment, DemoParts } from './parts.ts';
import type { Progress } from './progress.ts';

/** What every operation on one data folder works with. */
export interface DemoContext {
  readonly folder: DemoFolder;
  readonly environment: DemoEnvironment;
  readonly parts: DemoParts;
  readonly progress: Progress;
  readonly access: ClusterAccess;
}
