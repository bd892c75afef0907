import { Readable } from 'node:stream';
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import type { InspectedFile } from '../format.ts';

/** More entries than any real archive; the list is read piece by piece, so it costs time and no memory. */
const maxEntries = 200_000;
/** The list of entries is read in many small parts: so much is fetched at once. Bytes. */
const windowBytes = 256 * 1024;

/** Reads parts of the file as they are asked for: an archive's list is at its end. */
export class FileParts extends RandomAccessReader {
  readonly #file: Pick<InspectedFile, 'size' | 'open'>;
  #window: { readonly start: number; readonly bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  constructor(file: Pick<InspectedFile, 'size' | 'open'>) {
    super();
    this.#file = file;
  }

  /** @param end not included */
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#parts(start, end), { objectMode: false });
  }

  async* #parts(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end;) {
      const part = await this.#from(at);
      if (part.length === 0) return;
      yield part.subarray(0, end - at);
      at += part.length;
    }
  }

  async #from(start: number): Promise<Buffer> {
    const ahead = start - this.#window.start;
    if (ahead >= 0 && ahead < this.#window.bytes.length) return this.#window.bytes.subarray(ahead);
    if (start >= this.#file.size) return Buffer.alloc(0);
    const part = await this.#file.open({ start, end: Math.min(start + windowBytes, this.#file.size) - 1 });
    const bytes = Buffer.concat(await part.toArray() as Buffer[]);
    this.#window = { start, bytes };
    return bytes;
  }
}

/**
 * The bytes of the first entry that is wanted.
 * @returns undefined when there is none, null when it has more than `limit` bytes
 * @throws what is wrong with the archive; names that escape from its folder are, too
 */
export async function readZipEntry(file: InspectedFile, wanted: (name: string) => boolean, limit: number): Promise<Buffer | null | undefined> {
  const zip = await fromRandomAccessReaderPromise(new FileParts(file), file.size, { autoClose: false, lazyEntries: true });
  let seen = 0;
  for await (const entry of zip.eachEntry()) {
    seen += 1;
    if (seen > maxEntries) throw new Error('it has too many entries');
    if (!wanted(entry.fileName)) continue;
    if (entry.uncompressedSize > limit) return null;
    return readUpTo((await zip.openReadStreamPromise(entry)).on('error', () => undefined), limit);
  }
  return undefined;
}

async function readUpTo(stream: Readable, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
