import type { Mesh } from '../mesh/peer.ts';
import type { RightsStore } from './rights-store.ts';
import type { CoherenceRules } from './rules.ts';
import type { CachingRight } from './right.ts';

const longestBackoffMs = 8000;
const firstBackoffMs = 60;

/** Wins the caching right: recorded first, then counted by every live member. */
export class RightAcquisition {
  readonly #mesh: Mesh;
  readonly #store: RightsStore;
  readonly #right: CachingRight;
  readonly #rules: CoherenceRules;
  readonly #barrierMs: number;
  readonly #stopped: () => Promise<void>;
  readonly #passed = new Map<string, () => void>();
  #expected: number | null = null;
  #running = false;
  #isGivingBack = false;
  #backoffMs = firstBackoffMs;
  #notBefore = 0;
  #wonAt = 0;

  /** @param options `stopped` resolves when every process that answered under a right that was just lost has stopped to */
  constructor(options: {
    readonly mesh: Mesh; readonly store: RightsStore; readonly right: CachingRight; readonly rules: CoherenceRules; readonly barrierMs: number;
    readonly stopped: () => Promise<void>;
  }) {
    this.#mesh = options.mesh;
    this.#store = options.store;
    this.#right = options.right;
    this.#rules = options.rules;
    this.#barrierMs = options.barrierMs;
    this.#stopped = options.stopped;
  }

  /** Whether it is time to try. */
  due(): boolean {
    return !this.#running && !this.#isGivingBack && this.#right.claimed === null && performance.now() >= this.#notBefore;
  }

  /** The right was lost, or could not be won: the next try waits, longer each time unless it was held for long. */
  backOff(): void {
    const now = performance.now();
    if (this.#wonAt > 0 && now - this.#wonAt > 4 * longestBackoffMs) this.#backoffMs = firstBackoffMs;
    this.#notBefore = now + this.#backoffMs;
    this.#backoffMs = Math.min(longestBackoffMs, this.#backoffMs * 2);
  }

  /** A member counts this node under `right`. Its holds have been installed by then. */
  passedBy(incarnation: string, right: number): void {
    if (right === this.#expected) this.#passed.get(incarnation)?.();
  }

  /**
   * Tries once. `wanted` is asked again before the right is used. Returns whether it was won; otherwise it is given back.
   */
  async acquire(self: string, wanted: () => boolean): Promise<boolean> {
    this.#running = true;
    try {
      // writers that count this node under a newer right wait no longer for what answers under the former one
      await this.#stopped();
      const number = await this.#store.record();
      if (number === null) return false;
      this.#right.begin(number);
      this.#expected = number;
      // read after the own row is committed: whoever joins later sees it there and asks to be admitted
      const others = (await this.#store.members()).filter((member) => member.id !== self);
      await this.#rules.probe('barrier');
      const passed = !this.#rules.barrier || (await Promise.all(others.map((member) => this.#barrier(member.id, number)))).every(Boolean);
      if (passed && wanted() && this.#right.claimed === number) {
        this.#right.win();
        this.#wonAt = performance.now();
        return true;
      }
      await this.giveBack();
      this.backOff();
      return false;
    } catch (error) {
      if (this.#right.number === null) this.#right.lose();
      this.backOff();
      throw error;
    } finally {
      this.#running = false;
      this.#expected = null;
    }
  }

  /** Stops to use the right, tells everybody, and has it struck out. */
  async giveBack(): Promise<void> {
    const number = this.#right.lose();
    if (number === null) return;
    this.#isGivingBack = true;
    try {
      await this.#stopped();
      this.#mesh.broadcast({ t: 'right-dropped', right: number });
      await this.#store.drop(number);
    } finally {
      this.#isGivingBack = false;
    }
  }

  #barrier(incarnation: string, right: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => { end(false); }, this.#barrierMs);
      const end = (passed: boolean): void => {
        clearTimeout(timer);
        this.#passed.delete(incarnation);
        resolve(passed);
      };
      this.#passed.set(incarnation, () => { end(true); });
      if (!this.#mesh.send(incarnation, { t: 'barrier', right })) end(false);
    });
  }
}
