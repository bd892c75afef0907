import { availableParallelism } from 'node:os';
import type { NodeConfig } from '../../config/schema.ts';
import { mostWorkers } from './shares.ts';

/** Worker processes that a node begins with: none while one process is to do everything. `auto` is one for each core, as far as the pool's minimum is enough for them. */
export function workerCount({ node: { workers }, database: { pool } }: NodeConfig, cores: number = availableParallelism()): number {
  const count = workers === 'auto' ? Math.min(cores, mostWorkers(pool.min)) : workers;
  return count > 1 ? count : 0;
}

/** The configuration as one of `count` workers has it: limits of the node are divided, those of a request stay. */
export function configOfWorker(config: NodeConfig, count: number): NodeConfig {
  const { maxInFlight, maxConnections } = config.http;
  return { ...config, http: { ...config.http, maxInFlight: Math.ceil(maxInFlight / count), maxConnections: Math.ceil(maxConnections / count) } };
}
