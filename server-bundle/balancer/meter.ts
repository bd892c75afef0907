/** Counts requests and body bytes, and knows their rates over the last full second. */
export class Meter {
  requests = 0;
  bytes = 0;
  #marks: { at: number; requests: number; bytes: number }[] = [];

  /** Takes a mark; called several times a second by whoever owns the clock. `now` in milliseconds, monotonic. */
  mark(now: number): void {
    this.#marks.push({ at: now, requests: this.requests, bytes: this.bytes });
    while (this.#marks.length > 2 && (this.#marks[1]?.at ?? now) <= now - 1000) this.#marks.shift();
  }

  rates(): { requestsPerSecond: number; bytesPerSecond: number } {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return { requestsPerSecond: 0, bytesPerSecond: 0 };
    const seconds = (last.at - first.at) / 1000;
    const perSecond = (from: number, to: number): number => Math.round(((to - from) / seconds) * 10) / 10;
    return { requestsPerSecond: perSecond(first.requests, last.requests), bytesPerSecond: perSecond(first.bytes, last.bytes) };
  }
}
