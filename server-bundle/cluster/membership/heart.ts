import type { HeartbeatAnswer } from '../../metadata/heartbeat.ts';
import type { Clock, Stamp } from '../clock.ts';

export interface HeartOptions {
  readonly intervalMs: number;
  readonly clock: Clock;
  /** one heartbeat over the control connection */
  readonly beat: () => Promise<HeartbeatAnswer>;
  /** `sentAt` is from before the statement was sent */
  readonly onAnswer: (sentAt: Stamp, answer: HeartbeatAnswer) => void;
  /** whether the database can be reached all the same, after a heartbeat failed */
  readonly isReachable: (error: unknown) => Promise<boolean>;
  /** a heartbeat was not confirmed; `reachable`: the database is there and was only too slow for it */
  readonly onFailure: (error: unknown, reachable: boolean) => void;
}

/** Beats at a steady pace, one at a time, until it is stopped; failures do not stop it. */
export class Heart {
  readonly #options: HeartOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #waiting: (() => void)[] = [];

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#run();
  }

  /** Beats at once. Resolves after an attempt that was begun after this call, successful or not. */
  poke(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const done = new Promise<void>((resolve) => {
      if (this.#running === null) this.#waiting.push(resolve);
      else this.#afterNext.push(resolve);
    });
    if (this.#running === null) void this.#run();
    else this.#again = true;
    return done;
  }

  #afterNext: (() => void)[] = [];

  async #run(): Promise<void> {
    if (this.#running !== null || this.#stopped) return;
    clearTimeout(this.#timer);
    const begun = performance.now();
    this.#running = this.#once();
    await this.#running;
    this.#running = null;
    for (const wake of this.#waiting.splice(0)) wake();
    if (this.#again) {
      this.#again = false;
      this.#waiting = this.#afterNext.splice(0);
      void this.#run();
      return;
    }
    if (this.isStopped()) return;
    this.#timer = setTimeout(() => { void this.#run(); }, Math.max(0, begun + this.#options.intervalMs - performance.now()));
  }

  async #once(): Promise<void> {
    const sentAt = this.#options.clock.stamp();
    try {
      const answer = await this.#options.beat();
      if (!this.#stopped) this.#options.onAnswer(sentAt, answer);
    } catch (error) {
      if (this.#stopped) return;
      const reachable = await this.#options.isReachable(error);
      if (!this.isStopped()) this.#options.onFailure(error, reachable);
    }
  }

  isStopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const wake of [...this.#waiting.splice(0), ...this.#afterNext.splice(0)]) wake();
  }
}
