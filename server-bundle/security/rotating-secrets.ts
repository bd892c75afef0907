import { createHmac } from 'node:crypto';

/** Most secrets of one kind that count at the same time: the one that goes and the one that comes. */
export const mostAtOnce = 2;

/**
 * Keys of the cluster that count at present: the first proves this node to others, every one is accepted from them. While all
 * nodes are given a new key there are two of them; `replace` takes effect with the next link, without a restart.
 */
export class ClusterKeys {
  #keys: readonly [Buffer, ...Buffer[]];

  /** @param keys at least one, the one to prove oneself with first */
  constructor(keys: readonly Buffer[]) {
    this.#keys = atLeastOne(keys);
  }

  get current(): Buffer {
    return this.#keys[0];
  }

  get accepted(): readonly Buffer[] {
    return this.#keys;
  }

  replace(keys: readonly Buffer[]): void {
    this.#keys = atLeastOne(keys);
  }

  /** The current one's first. */
  ids(): string[] {
    return this.#keys.map(keyId);
  }
}

/** What tells keys apart without telling anything of them. */
export function keyId(key: Buffer): string {
  return createHmac('sha256', key).update('bulkhead key id').digest('hex').slice(0, 16);
}

/** One key a line, base64, as in the key file. */
export function readKeys(text: string): Buffer[] {
  return linesOf(text).map((line) => Buffer.from(line, 'base64'));
}

/**
 * Passwords that the database may want: while it is given a new one nobody knows which of the two it takes at this moment.
 * One that was refused goes behind the other.
 */
export class DatabasePasswords {
  #passwords: readonly string[];

  /** @param passwords none when the database asks for none */
  constructor(passwords: readonly string[]) {
    this.#passwords = passwords;
  }

  get current(): string | undefined {
    return this.#passwords[0];
  }

  /** The one to be tried first first. */
  get all(): readonly string[] {
    return this.#passwords;
  }

  get count(): number {
    return this.#passwords.length;
  }

  replace(passwords: readonly string[]): void {
    this.#passwords = passwords;
  }

  /** The database did not take this one. */
  refused(password: string | undefined): void {
    const [first, ...others] = this.#passwords;
    if (first !== undefined && first === password) this.#passwords = [...others, first];
  }
}

/** One password a line. */
export function readPasswords(text: string): string[] {
  return linesOf(text);
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '');
}

function atLeastOne(keys: readonly Buffer[]): readonly [Buffer, ...Buffer[]] {
  const [first, ...others] = keys;
  if (first === undefined) throw new Error('a cluster needs a key');
  return [first, ...others];
}
