import { Pool } from 'undici';
import type { BackendHealth } from '../contract/index.ts';
import type { Attempt } from './attempt.ts';
import type { BackendConfig, BalancerConfig } from './config.ts';
import { Meter } from './meter.ts';
import { routeValue } from './sticky-cookie.ts';

/** One node as the balancer sees it: its connections, its health, what is under way on it. */
export class Backend {
  readonly nodeId: string;
  readonly url: string;
  /** what its sticky clients carry in their cookie */
  readonly route: string;
  readonly pool: Pool;
  readonly meter = new Meter();
  readonly attempts = new Set<Attempt>();
  health: BackendHealth = 'unknown';
  /** down, but its port is open: it may be frozen or merely slow */
  silent = false;
  /** taken out of the configuration: finishes what it has */
  removed = false;
  retries = 0;
  failures = 0;

  constructor(config: BackendConfig, limits: BalancerConfig['limits']) {
    this.nodeId = config.nodeId;
    this.url = config.url;
    this.route = routeValue(config.nodeId);
    this.pool = new Pool(new URL(config.url).origin, {
      connections: limits.connectionsPerBackend,
      pipelining: 1,
      connect: { timeout: limits.connectTimeoutMs },
      headersTimeout: limits.answerTimeoutMs,
      bodyTimeout: limits.answerTimeoutMs,
      maxHeaderSize: 64 * 1024,
    });
  }
}
