/** What client requests cost this node, measured by the HTTP hooks; the sums since the previous `take` become the rates. */
export interface TrafficMeter {
  /** One client request has been answered: its duration in milliseconds, its body bytes in and out. */
  finished(durationMs: number, bytesIn: number, bytesOut: number): void;
}

export interface TrafficRates {
  readonly requestsPerSecond: number;
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
  readonly p99Ms: number | null;
}

interface Sample {
  readonly at: number;
  readonly durationMs: number;
}

const windowMs = 10_000;
/** Enough for a stable percentile; the oldest go first under heavier load. */
const keptSamples = 4096;

/** Rates over one second at least, and the 99th percentile of the last ten seconds. */
export class RequestTraffic implements TrafficMeter {
  #requests = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #since = performance.now();
  #last: Omit<TrafficRates, 'p99Ms'> = { requestsPerSecond: 0, bytesInPerSecond: 0, bytesOutPerSecond: 0 };
  readonly #samples: Sample[] = [];
  #next = 0;

  finished(durationMs: number, bytesIn: number, bytesOut: number): void {
    this.#requests += 1;
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
    this.#samples[this.#next] = { at: performance.now(), durationMs };
    this.#next = (this.#next + 1) % keptSamples;
  }

  /** The rates now; they change at most once a second, so that a short heartbeat does not make them jump. */
  rates(): TrafficRates {
    const now = performance.now();
    const seconds = (now - this.#since) / 1000;
    if (seconds >= 1) {
      this.#last = {
        requestsPerSecond: this.#requests / seconds,
        bytesInPerSecond: this.#bytesIn / seconds,
        bytesOutPerSecond: this.#bytesOut / seconds,
      };
      this.#requests = this.#bytesIn = this.#bytesOut = 0;
      this.#since = now;
    }
    return { ...this.#last, p99Ms: this.#percentile(now) };
  }

  #percentile(now: number): number | null {
    const recent = this.#samples.filter((sample) => now - sample.at < windowMs).map((sample) => sample.durationMs).sort((a, b) => a - b);
    return recent[Math.min(recent.length - 1, Math.floor(recent.length * 0.99))] ?? null;
  }
}
