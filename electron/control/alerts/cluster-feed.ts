import type { Dispatcher } from 'undici';
import { asBulkheadError, type AlertMute, type ClusterAlert } from '../../../server-bundle/contract/index.ts';
import { askAnyNode, type ClusterAccess } from '../node-api/index.ts';

/** What one cluster said of its alerts last. */
export interface Heard {
  readonly alerts: readonly ClusterAlert[];
  readonly mutes: readonly AlertMute[];
  readonly evaluatedAt: string | null;
  /** by this machine's monotonic clock */
  readonly at: number;
}

/** Asks one cluster for its open alerts, one question at a time. */
export class ClusterFeed {
  readonly #agent: Dispatcher;
  #heard: Heard | null = null;
  #problem: string | null = null;
  #asking: Promise<void> | null = null;
  #askedAt = -Infinity;

  constructor(agent: Dispatcher) {
    this.#agent = agent;
  }

  get heard(): Heard | null {
    return this.#heard;
  }

  /** why the newest question had no answer; null when it had */
  get problem(): string | null {
    return this.#problem;
  }

  /** milliseconds since the last question was sent */
  get sinceAskedMs(): number {
    return performance.now() - this.#askedAt;
  }

  /** Resolves when the question that is under way, or a new one, is answered or has failed. Never rejects. */
  ask(access: ClusterAccess, signal: AbortSignal): Promise<void> {
    this.#asking ??= this.#ask(access, signal).finally(() => { this.#asking = null; });
    return this.#asking;
  }

  /** The cluster is off: what it said does not count any more. */
  forget(): void {
    this.#heard = null;
    this.#problem = null;
  }

  async #ask(access: ClusterAccess, signal: AbortSignal): Promise<void> {
    this.#askedAt = performance.now();
    try {
      this.#heard = await askAnyNode(access, this.#agent, async ({ alerts }) => {
        const { alerts: open, evaluatedAt } = await alerts.open(signal);
        return { alerts: open, evaluatedAt, mutes: await alerts.mutes(signal), at: performance.now() };
      });
      this.#problem = null;
    } catch (error) {
      const { code, message } = asBulkheadError(error);
      this.#problem = code === 'ROUTE_NOT_FOUND' ? 'The nodes are of a version that has no alerts' : message;
    }
  }
}
