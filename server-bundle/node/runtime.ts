import { BulkheadError } from '../contract/index.ts';
import type { Runtime, RuntimeOptions } from './runtime-options.ts';

export type { ClusterEventFeed, Runtime, RuntimeOptions } from './runtime-options.ts';

/** Makes the runtime of one node process. Nothing is opened before `start`. */
export function createRuntime(options: RuntimeOptions): Runtime {
  throw new BulkheadError('NOT_SERVING', `${options.config.node.id} has no runtime yet`);
}
