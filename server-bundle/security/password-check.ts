import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { BulkheadError } from '../contract/index.ts';
import { verifyPassword } from './password.ts';

/** Verifications that run at once: each takes 32 MiB and a thread of the pool that file access needs too. */
const atOnce = 2;
/** Further ones that may wait before logins are shed. */
const queueLimit = 128;

/**
 * Verifies passwords, and remembers the verified ones under a digest with a key that lives and dies with this process. An
 * entry counts only together with the stored form that it was verified against, so a new password ends it at once.
 */
export class PasswordCheck {
  readonly #key = randomBytes(32).toString('hex');
  readonly #verified = new LRUCache<string, string>({ maxSize: 10_000, sizeCalculation: () => 1 });
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** True when this very password was verified before against `encoded`; no costly work. */
  remembers(user: string, password: string, encoded: string): boolean {
    return this.#verified.get(this.#digest(user, password)) === encoded;
  }

  /** The costly way. Requests with the same credentials wait for one verification. Throws OVERLOADED when too many wait. */
  verify(user: string, password: string, encoded: string): { readonly outcome: Promise<boolean>; readonly joined: boolean } {
    const digest = this.#digest(user, password);
    const id = `${digest} ${encoded}`;
    const running = this.#underWay.get(id);
    if (running !== undefined) return { outcome: running, joined: true };
    const outcome = this.#limited(() => verifyPassword(password, encoded)).then((right) => {
      if (right) this.#verified.set(digest, encoded);
      return right;
    }).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, outcome);
    return { outcome, joined: false };
  }

  /** At every request, so without the objects of an HMAC. Nobody sees it who could lengthen it, and the key has one length. */
  #digest(user: string, password: string): string {
    return hash('sha256', `${this.#key}${user}\0${password}`, 'base64');
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= atOnce) {
      if (this.#waiting.length >= queueLimit) throw new BulkheadError('OVERLOADED', 'Too many logins at once');
      await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
