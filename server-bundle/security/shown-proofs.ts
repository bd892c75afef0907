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

  /** Found by its digest, so no secret is kept, or compared in a time that tells of it. */
  of(authorization: string): ShownProof | undefined {
    return this.#proofs.get(this.#digest(authorization));
  }

  remember(authorization: string, shown: ShownProof): void {
    this.#proofs.set(this.#digest(authorization), shown);
  }

  /** Nobody sees it who could lengthen it, and the key has one length: no HMAC is needed. */
  #digest(authorization: string): string {
    return hash('sha256', this.#key + authorization, 'base64');
  }
}
