/** Values kept for each node. */
const length = 60;
/** A longer silence breaks the line: what was before says nothing about now. */
const gapMs = 5000;

/** Requests per second of each node, one value a second, for sparklines. */
export class RequestHistories {
  readonly values = new Map<string, number[]>();
  #lastAt = Number.NEGATIVE_INFINITY;

  /** @param now monotonic, milliseconds; values that come sooner than a second after the last are left out */
  add(now: number, rates: ReadonlyMap<string, number>): void {
    const passed = now - this.#lastAt;
    if (passed < 900) return;
    if (passed > gapMs) this.values.clear();
    this.#lastAt = now;
    for (const nodeId of this.values.keys()) if (!rates.has(nodeId)) this.values.delete(nodeId);
    for (const [nodeId, rate] of rates) this.values.set(nodeId, [...this.values.get(nodeId) ?? [], rate].slice(-length));
  }

  clear(): void {
    this.values.clear();
  }
}
