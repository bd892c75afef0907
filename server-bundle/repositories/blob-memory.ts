import { LRUCache } from 'lru-cache';
import type { BlobName } from '../filestore/index.ts';

/**
 * Small hot blobs in memory, limited by bytes. Content never changes under its digest, so nothing here ever has to be
 * invalidated; whether a request may have the content is decided before.
 */
export class BlobMemory {
  readonly #cache: LRUCache<string, Buffer> | null;
  readonly #largest: number;
  readonly #loading = new Map<string, Promise<Buffer | null>>();

  /**
   * @param bytes   limit for all blobs together; 0: keeps nothing
   * @param largest a blob with more bytes is not kept
   */
  constructor(bytes: number, largest: number) {
    this.#cache = bytes === 0 ? null : new LRUCache({ maxSize: bytes, sizeCalculation: (blob) => blob.length + 256 });
    this.#largest = Math.min(largest, bytes);
  }

  takes(size: number): boolean {
    return this.#cache !== null && size <= this.#largest;
  }

  get(sha256: string): Buffer | undefined {
    return this.#cache?.get(sha256);
  }

  /** The bytes, loaded once for all who ask at the same time; null when `load` finds none. */
  async fetch(blob: BlobName, load: (blob: BlobName) => Promise<Buffer | null>): Promise<Buffer | null> {
    const present = this.#cache?.get(blob.sha256);
    if (present !== undefined) return present;
    const name = `${blob.sha256}.${blob.generation}`;
    let loading = this.#loading.get(name);
    if (loading === undefined) {
      loading = load(blob).then((bytes) => {
        if (bytes !== null) this.#cache?.set(blob.sha256, bytes);
        return bytes;
      }).finally(() => { this.#loading.delete(name); });
      this.#loading.set(name, loading);
    }
    return loading;
  }
}
