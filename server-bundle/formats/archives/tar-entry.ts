import { createGunzip } from 'node:zlib';
import type { InspectedFile } from '../format.ts';
import { ByteReader } from './byte-reader.ts';
import { padded, parseTarHeader, paxPath, text, blockBytes } from './tar-header.ts';

/** Names longer than that are in no real archive. Bytes. */
const maxHeaderData = 64 * 1024;

export interface TarSearch {
  readonly wanted: (name: string) => boolean;
  /** largest entry that is read, bytes */
  readonly limit: number;
  /** how much of the unpacked archive is looked at, bytes: what unpacks without end is not followed */
  readonly scanLimit: number;
}

/**
 * The bytes of the first entry that is wanted, of a tar archive packed with gzip. Holds no more than that entry and one chunk in memory.
 * @returns undefined when there is none, null when it has more than `limit` bytes
 * @throws what is wrong with the archive; TooLong
 */
export async function readTarEntry(file: InspectedFile, search: TarSearch): Promise<Buffer | null | undefined> {
  const packed = await file.open();
  const unpacked = createGunzip();
  packed.on('error', (error) => unpacked.destroy(error));
  packed.pipe(unpacked);
  try {
    return await find(new ByteReader(unpacked as AsyncIterable<Buffer>, search.scanLimit), search);
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}

async function find(bytes: ByteReader, { wanted, limit }: TarSearch): Promise<Buffer | null | undefined> {
  let longName: string | undefined;
  for (;;) {
    const block = await bytes.take(blockBytes);
    if (block === null) return undefined;
    const header = parseTarHeader(block);
    if (header === 'end') return undefined;
    if (header.kind === 'pax' || header.kind === 'long-name') {
      if (header.size > maxHeaderData) throw new Error('a name is too long');
      const data = (await bytes.take(padded(header.size)))?.subarray(0, header.size);
      if (data === undefined) throw new Error('it ends in the middle');
      longName = header.kind === 'long-name' ? text(data) : paxPath(data) ?? longName;
      continue;
    }
    const name = longName ?? header.name;
    longName = undefined;
    if (header.kind === 'file' && wanted(name)) {
      if (header.size > limit) return null;
      const data = await bytes.take(padded(header.size));
      if (data === null) throw new Error('it ends in the middle');
      return data.subarray(0, header.size);
    }
    if (!await bytes.skip(padded(header.size))) throw new Error('it ends in the middle');
  }
}
