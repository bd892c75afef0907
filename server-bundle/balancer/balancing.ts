import type { BlockList } from 'node:net';
import type { Logger } from 'pino';
import type { Backends } from './backends.ts';
import type { BalancerConfig } from './config.ts';
import type { HealthChecks } from './health.ts';
import { Meter } from './meter.ts';

/** Sums over all nodes, since the start. */
export class Totals {
  readonly meter = new Meter();
  inFlight = 0;
  retries = 0;
  resumed = 0;
  failed = 0;
}

/** What every exchange leans on. `config` and `trusted` change when the file does. */
export interface Balancing {
  readonly config: BalancerConfig;
  readonly trusted: BlockList;
  readonly backends: Backends;
  readonly health: HealthChecks;
  readonly totals: Totals;
  readonly log: Logger;
  readonly stopping: boolean;
}
