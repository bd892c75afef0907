/** What requests have in common that are counted together. */
interface Kind { readonly method: string; readonly status: number }

/** Upper ends of the classes that durations are counted in, seconds. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** Durations of one method since the start: how many were at most as long as each bucket says, how many there were, and their sum in seconds. */
export interface HotDurations { readonly upTo: readonly number[]; readonly count: number; readonly sum: number }

class Durations {
  readonly #within = new Float64Array(durationBuckets.length);
  count = 0;
  sum = 0;

  add(seconds: number): void {
    this.count += 1;
    this.sum += seconds;
    let bucket = 0;
    while (seconds > (durationBuckets[bucket] ?? Infinity)) bucket += 1;
    if (bucket < durationBuckets.length) this.#within[bucket] = (this.#within[bucket] ?? 0) + 1;
  }

  told(): HotDurations {
    let below = 0;
    return { upTo: Array.from(this.#within, (count) => below += count), count: this.count, sum: this.sum };
  }
}

/** Counts hot reads in plain numbers. They become metrics when somebody asks for those, as counting by labels at every request costs as much as the look-up of the file. */
export class HotCounts {
  total = 0;
  #bytes = 0;
  readonly #kinds: { readonly kind: Kind; count: number }[] = [];
  readonly #durations = new Map<string, Durations>();

  add(method: string, status: number, seconds: number, bytes: number): void {
    this.total += 1;
    this.#bytes += Math.max(0, bytes);
    let durations = this.#durations.get(method);
    if (durations === undefined) this.#durations.set(method, durations = new Durations());
    durations.add(seconds);
    for (const each of this.#kinds) {
      if (each.kind.method === method && each.kind.status === status) {
        each.count += 1;
        return;
      }
    }
    this.#kinds.push({ kind: { method, status }, count: 1 });
  }

  /** Counts since the last call. */
  taken(): (readonly [Kind, number])[] {
    return this.#kinds.splice(0).map(({ kind, count }) => [kind, count]);
  }

  /** Bytes since the last call. */
  bytesTaken(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /** By method. */
  durations(): ReadonlyMap<string, HotDurations> {
    return new Map([...this.#durations].map(([method, each]) => [method, each.told()]));
  }
}
