/** What requests have in common that are counted together. */
interface Kind { readonly method: string; readonly status: number }

/** Counts hot reads in plain numbers. They become metrics when somebody asks for those, as counting by labels at every request costs as much as the look-up of the file. */
export class HotCounts {
  total = 0;
  #bytes = 0;
  readonly #kinds: { readonly kind: Kind; count: number }[] = [];

  add(method: string, status: number, bytes: number): void {
    this.total += 1;
    this.#bytes += bytes;
    for (const each of this.#kinds) {
      if (each.kind.method === method && each.kind.status === status) {
        each.count += 1;
        return;
      }
    }
    this.#kinds.push({ kind: { method, status }, count: 1 });
  }

  /** Counts since the last call. */
  taken(): (readonly [Kind, number])[] {
    return this.#kinds.splice(0).map(({ kind, count }) => [kind, count]);
  }

  /** Bytes since the last call. */
  bytesTaken(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }
}
