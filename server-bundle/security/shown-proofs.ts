import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { LastingProof } from './hot-identity.ts';

/** A proof, and whom it stood for. */
export interface ShownProof {
  readonly proof: LastingProof;
  readonly name: string;
}

/**
 * What `Authorization` headers have proven on this process, under a digest with a key that lives and dies with it. An entry says nothing about the present: a
 * password counts only while the user still has the stored form that it was verified against, a token while it lives (`hotIdentity`).
 */
export class ShownProofs {
  readonly #key = randomBytes(32).toString('hex');
  readonly #proofs = new LRUCache<string, ShownProof>({ maxSize: 10_000, sizeCalculation: () => 1 });
  readonly #last = new WeakMap<object, { readonly authorization: string; readonly shown: ShownProof }>();

  /** @param connection that the header came over: the next request on it mostly has the same */
  of(authorization: string, connection: object): ShownProof | undefined {
    const last = this.#last.get(connection);
    if (last?.authorization === authorization) return last.shown;
    const shown = this.#proofs.get(this.#digest(authorization));
    if (shown !== undefined) this.#last.set(connection, { authorization, shown });
    return shown;
  }

  remember(authorization: string, shown: ShownProof): void {
    this.#proofs.set(this.#digest(authorization), shown);
  }

  /** Nobody sees it who could lengthen it, and the key has one length: no HMAC is needed. */
  #digest(authorization: string): string {
    return hash('sha256', this.#key + authorization, 'base64');
  }
}
