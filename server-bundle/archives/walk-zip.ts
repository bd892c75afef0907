import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise, getFileNameLowLevel, type Entry, type ZipFile } from 'yauzl';
import { BulkheadError } from '../contract/index.ts';
import type { ArchiveBudget } from './archive-budget.ts';
import type { ArchiveEntry, ArchiveSource } from './archive-entry.ts';
import { archiveFailure } from './damage.ts';
import { FileParts } from '../formats/archives/zip-entry.ts';
import { entryPath, fitting, refused, type UnfitEntries } from './entry-path.ts';

/** Kinds of files in the upper half of the attributes, where the archive was made on Unix. */
const kindMask = 0xf000;
const ordinaryKinds = new Set([0, 0x8000, 0x4000]);
const madeOnUnix = new Set([3, 19]);

/** Entries by the archive's directory. Links, devices, encrypted entries and names that lead elsewhere are unfit. */
export async function* walkZip(source: ArchiveSource, budget: ArchiveBudget, unfit: UnfitEntries): AsyncGenerator<ArchiveEntry> {
  let zip: ZipFile | undefined;
  try {
    zip = await fromRandomAccessReaderPromise(new FileParts(source), source.size, { autoClose: false, strictFileNames: true, decodeStrings: false, validateEntrySizes: true });
    for await (const entry of zip.eachEntry()) {
      budget.countEntry();
      const name = nameOf(entry);
      const path = fitting(unfit, () => {
        requireOrdinary(entry, name);
        return entryPath(name);
      });
      if (path === undefined || path === '') continue;
      yield {
        path, kind: name.endsWith('/') ? 'folder' : 'file', size: entry.uncompressedSize,
        open: async () => unpacked(await opened(zip, entry, budget), entry, name, budget),
      };
    }
  } catch (error) {
    throw archiveFailure(error);
  } finally {
    zip?.close();
  }
}

/** The flag that says that a name is UTF-8 (APPNOTE.TXT 4.4.4, bit 11). */
const utf8Flag = 0x800;

/**
 * Decoded here and not by the library, which would call an archive damaged that holds a name which leads elsewhere. A name that says nothing
 * of itself would be CP437; but `zip` writes names so as it finds them on disk where no locale is set, as in most build containers.
 */
function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  return getFileNameLowLevel(isUtf8(fileNameRaw) ? generalPurposeBitFlag | utf8Flag : generalPurposeBitFlag, fileNameRaw, extraFields, true);
}

function requireOrdinary(entry: Entry, name: string): void {
  if (entry.isEncrypted()) throw refused(name, 'it is encrypted');
  if (!entry.canDecodeFileData()) throw refused(name, 'its compression method is not known');
  if (!madeOnUnix.has(entry.versionMadeBy >>> 8)) return;
  if (!ordinaryKinds.has((entry.externalFileAttributes >>> 16) & kindMask)) throw refused(name, 'it is a link or a device');
}

async function opened(zip: ZipFile | undefined, entry: Entry, budget: ArchiveBudget): Promise<Readable> {
  budget.requireRoom(entry.uncompressedSize);
  try {
    if (zip === undefined) throw new BulkheadError('INTERNAL');
    const bytes = await zip.openReadStreamPromise(entry);
    // They come by themselves: what is wrong with them may come to light before anybody reads, who is told of it then.
    return bytes.on('error', () => undefined);
  } catch (error) {
    throw archiveFailure(error);
  }
}

function unpacked(bytes: Readable, entry: Entry, name: string, budget: ArchiveBudget): Readable {
  const unpacking = Readable.from((async function* (): AsyncGenerator<Buffer> {
    let checksum = 0;
    try {
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        budget.countBytes(chunk.length);
        checksum = crc32(chunk, checksum);
        yield chunk;
      }
    } catch (error) {
      throw archiveFailure(error);
    }
    if (checksum !== entry.crc32) throw new BulkheadError('ARCHIVE_INVALID', `The bytes of '${name.slice(0, 200)}' do not have their checksum`);
  })(), { objectMode: false });
  // a generator that was never begun has nothing that it could end
  return unpacking.once('close', () => { bytes.destroy(); });
}
