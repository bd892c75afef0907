import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { NodeRates } from '../contract/index.ts';
import type { RequestTraffic } from './traffic.ts';

const slowStatementMs = 1000;
/** How often the event loop is looked at. Each look wakes the process, also an idle one. */
const samplingMs = 40;

/** What this process measures of itself, besides its client requests. */
export class OwnRates {
  readonly #traffic: RequestTraffic;
  readonly #delay = monitorEventLoopDelay({ resolution: samplingMs });
  readonly #onSlow: (durationMs: number, statement: string) => void;
  #statements = 0;
  #since = performance.now();
  #last = { queriesPerSecond: 0, eventLoopP99Ms: 0 };

  constructor(traffic: RequestTraffic, onSlow: (durationMs: number, statement: string) => void) {
    this.#traffic = traffic;
    this.#onSlow = onSlow;
    this.#delay.enable();
  }

  /** One statement of client work or master's work is done. */
  statement(durationMs: number, statement: string): void {
    this.#statements += 1;
    if (durationMs >= slowStatementMs) this.#onSlow(durationMs, statement);
  }

  now(): NodeRates {
    const at = performance.now();
    const seconds = (at - this.#since) / 1000;
    if (seconds >= 1) {
      // whole intervals are counted: what is beyond the wanted one is delay
      const p99 = Math.max(0, this.#delay.percentile(99) / 1e6 - samplingMs);
      this.#last = { queriesPerSecond: this.#statements / seconds, eventLoopP99Ms: Number.isFinite(p99) ? p99 : 0 };
      this.#delay.reset();
      this.#statements = 0;
      this.#since = at;
    }
    return { ...this.#traffic.rates(), ...this.#last, memoryBytes: process.memoryUsage.rss() };
  }

  stop(): void {
    this.#delay.disable();
  }
}
