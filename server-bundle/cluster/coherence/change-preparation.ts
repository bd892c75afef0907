import { BulkheadError } from '../../contract/index.ts';
import type { Mesh } from '../mesh/peer.ts';
import type { Hold } from '../mesh/messages.ts';
import type { CachingMember, CachingMembers } from './caching-members.ts';
import type { RightsStore } from './rights-store.ts';
import type { CoherenceRules } from './rules.ts';

export interface PreparationTimes {
  readonly acknowledgeMs: number;
  /** window of a reader, plus what clocks may differ by */
  readonly outlastMs: number;
}

interface Waiter {
  readonly number: number;
  readonly incarnation: string;
  readonly done: (acknowledged: boolean) => void;
}

/** The writer's half of a change: every caching member has either acknowledged, or certainly stopped to answer. */
export class ChangePreparation {
  readonly #mesh: Mesh;
  readonly #members: CachingMembers;
  readonly #store: RightsStore;
  readonly #rules: CoherenceRules;
  readonly #times: PreparationTimes;
  readonly #signal: AbortSignal;
  readonly #waiters = new Set<Waiter>();

  constructor(options: {
    readonly mesh: Mesh; readonly members: CachingMembers; readonly store: RightsStore; readonly rules: CoherenceRules;
    readonly times: PreparationTimes; readonly signal: AbortSignal;
  }) {
    this.#mesh = options.mesh;
    this.#members = options.members;
    this.#store = options.store;
    this.#rules = options.rules;
    this.#times = options.times;
    this.#signal = options.signal;
  }

  /** Resolves when no caching member can answer what `hold` names from its cache any more. */
  async prepare(hold: Hold): Promise<void> {
    if (!this.#rules.prepare) return;
    await Promise.all(this.#members.all().map((member) => this.#settle(member, hold)));
    if (this.#signal.aborted) throw new BulkheadError('NOT_SERVING');
  }

  acknowledged(incarnation: string, numbers: readonly number[]): void {
    for (const waiter of this.#waiters) if (waiter.incarnation === incarnation && numbers.includes(waiter.number)) waiter.done(true);
  }

  /** The link to a member broke: who waits for it need not wait on, unless another link took its place. */
  unlinked(incarnation: string): void {
    for (const waiter of this.#waiters) if (waiter.incarnation === incarnation) waiter.done(false);
  }

  async #settle(member: CachingMember, hold: Hold): Promise<void> {
    if (member.lostAt === null) {
      if (await this.#acknowledge(member.incarnation, hold)) return;
      // it has stopped by its own word, or passed a new barrier, which has told it of this change
      if (!this.#members.has(member)) return;
      if (!this.#rules.revocation) return;
      await this.#rules.probe('revoke');
      await this.#store.revoke(member, member.right);
      member.lostAt ??= performance.now();
    }
    if (!this.#rules.revocation) return;
    await this.#outlast(member, member.lostAt);
  }

  #acknowledge(incarnation: string, hold: Hold): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => { waiter.done(false); }, this.#times.acknowledgeMs);
      const waiter: Waiter = {
        number: hold.number,
        incarnation,
        done: (acknowledged) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(acknowledged);
        },
      };
      this.#waiters.add(waiter);
      if (!this.#mesh.send(incarnation, { t: 'prepare', ...hold })) waiter.done(false);
    });
  }

  /** A full window on the own clock since it was first seen that the right is gone. */
  async #outlast(member: CachingMember, lostAt: number): Promise<void> {
    for (;;) {
      const left = lostAt + this.#times.outlastMs - performance.now();
      if (left <= 0 || !this.#members.has(member) || this.#signal.aborted) break;
      await new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          this.#signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, Math.min(left, 50));
        this.#signal.addEventListener('abort', end);
      });
    }
    this.#members.forget(member);
  }
}
