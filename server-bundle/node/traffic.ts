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

const windowMs = 10_000;
/** Enough for a stable percentile; the oldest go first under heavier load. */
const keptSamples = 4096;

/** Rates over one second at least, and the 99th percentile of the last ten seconds. */
export class RequestTraffic implements TrafficMeter {
  #requests = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #since = performance.now();
  #last: TrafficRates = { requestsPerSecond: 0, bytesInPerSecond: 0, bytesOutPerSecond: 0, p99Ms: null };
  /** when the kept requests were over, on the monotonic clock, and how long they took, milliseconds */
  readonly #ends = new Float64Array(keptSamples).fill(-Infinity);
  readonly #durations = new Float64Array(keptSamples);
  #next = 0;

  finished(durationMs: number, bytesIn: number, bytesOut: number): void {
    this.#requests += 1;
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
    this.#ends[this.#next] = performance.now();
    this.#durations[this.#next] = durationMs;
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
        p99Ms: this.#percentile(now),
      };
      this.#requests = this.#bytesIn = this.#bytesOut = 0;
      this.#since = now;
    }
    return this.#last;
  }

  #percentile(now: number): number | null {
    const recent = this.#durations.filter((_duration, index) => now - (this.#ends[index] ?? -Infinity) < windowMs).sort();
    return recent[Math.min(recent.length - 1, Math.floor(recent.length * 0.99))] ?? null;
  }
}
