interface HasPath { readonly path: string }

/** Several lists, each by path, as one; of items with one path the first list's stays. Each list is read no faster than the result is taken. */
export async function* merged<T extends HasPath>(lists: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) {
    yield* only;
    return;
  }
  const readers = lists.map((list) => list[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(readers.map((reader) => reader.next()));
    for (;;) {
      const next = smallest(heads.flatMap((head) => (head.done === true ? [] : [head.value])));
      if (next === null) return;
      yield next;
      for (const [index, reader] of readers.entries()) {
        const head = heads[index];
        if (head !== undefined && head.done !== true && head.value.path === next.path) heads[index] = await reader.next();
      }
    }
  } finally {
    for (const reader of readers) await reader.return?.();
  }
}

function smallest<T extends HasPath>(items: readonly T[]): T | null {
  return items.reduce<T | null>((least, item) => (least === null || byBytes(item.path, least.path) < 0 ? item : least), null);
}

/** As the database orders paths: by their UTF-8 bytes, which is not how JavaScript orders strings. */
function byBytes(one: string, other: string): number {
  return one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));
}
