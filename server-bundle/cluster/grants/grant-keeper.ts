import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { HeartbeatAnswer } from '../../metadata/heartbeat.ts';
import type { OpenDatabase } from '../../metadata/connection/database.ts';
import { confirmShrink, declarePool, growGrant } from '../../metadata/grants.ts';
import { effectivePool, overrideOf, type PoolLimits } from '../../metadata/pool-settings.ts';
import type { Database } from '../../metadata/schema.ts';

export interface GrantKeeperOptions {
  readonly incarnation: string;
  readonly nodeId: string;
  readonly pool: OpenDatabase;
  readonly work: Kysely<Database>;
  readonly keepForOthers: number;
  /** by the node's own configuration */
  readonly configured: PoolLimits;
  readonly log: Logger;
}

/** Lets the pool of one incarnation follow its grant: it shrinks before others grow, and grows when there is room. */
export class GrantKeeper {
  readonly #options: GrantKeeperOptions;
  #busy = false;

  constructor(options: GrantKeeperOptions) {
    this.#options = options;
  }

  heartbeat(answer: HeartbeatAnswer): void {
    const { grant } = answer;
    if (grant === null || grant.pool === 0 || this.#busy) return;
    const { cluster, node } = answer.pools;
    const sizes = effectivePool(this.#options.configured, { cluster: overrideOf(cluster), node: overrideOf(node) });
    const isDeclared = grant.minimum === sizes.min && grant.wanted === sizes.max;
    if (isDeclared && grant.pool === grant.target) return;
    this.#busy = true;
    (isDeclared ? this.#follow(grant.pool, grant.target) : this.#declare(sizes))
      .catch((error: unknown) => { this.#options.log.warn({ err: error }, 'the pool could not follow its grant'); })
      .finally(() => { this.#busy = false; });
  }

  async #declare(sizes: PoolLimits): Promise<void> {
    const { incarnation, work, keepForOthers, log } = this.#options;
    await declarePool(work, incarnation, sizes, keepForOthers);
    log.info({ ...sizes }, 'pool sizes changed');
  }

  async #follow(pool: number, target: number): Promise<void> {
    const { incarnation, nodeId, work, keepForOthers } = this.#options;
    if (target < pool) {
      await this.#options.pool.resize(target);
      await confirmShrink(work, incarnation, nodeId, target);
      return;
    }
    const granted = await growGrant(work, incarnation, nodeId, keepForOthers);
    if (granted !== null && granted > this.#options.pool.state().max) await this.#options.pool.resize(granted);
  }
}
