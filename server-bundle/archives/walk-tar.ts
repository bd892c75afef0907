import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import type { ArchiveBudget } from './archive-budget.ts';
import type { ArchiveEntry, ArchiveSource } from './archive-entry.ts';
import { archiveFailure } from './damage.ts';
import { entryPath, fitting, refused, type UnfitEntries } from './entry-path.ts';

/** Entries from the begin to the end of the stream. Links, devices and names that lead elsewhere are unfit. */
export async function* walkTar(source: ArchiveSource, compressed: boolean, budget: ArchiveBudget, unfit: UnfitEntries): AsyncGenerator<ArchiveEntry> {
  const entries = extract();
  const bytes = await source.open();
  const end = new AbortController();
  const { signal } = end;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      // what is skipped had to be unpacked, too
      budget.countBytes(chunk.length);
      yield chunk;
    }
  };
  const flow = compressed ? pipeline(bytes, createGunzip(), counted, entries, { signal }) : pipeline(bytes, counted, entries, { signal });
  // the walk fails with it
  flow.catch((error: unknown) => { entries.destroy(error instanceof Error ? error : new Error(String(error))); });
  try {
    for await (const entry of entries) {
      budget.countEntry();
      const { header } = entry;
      const read = fitting(unfit, () => ({ kind: kindOf(header), path: entryPath(header.name) }));
      let taken = false;
      if (read !== undefined && read.path !== '') {
        yield {
          ...read, size: read.kind === 'folder' ? 0 : header.size,
          open: async () => {
            taken = true;
            return unpacked(entry as AsyncIterable<Buffer>);
          },
        };
      }
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- whoever got the entry may have opened it
      if (!taken) entry.resume();
    }
    await flow;
  } catch (error) {
    throw archiveFailure(error);
  } finally {
    end.abort();
    bytes.destroy();
  }
}

function kindOf({ name, type }: Header): ArchiveEntry['kind'] {
  if (type === 'directory') return 'folder';
  if (type !== 'file' && type !== 'contiguous-file') throw refused(name, 'it is a link, a device or something else that is no file');
  // an old way to write a folder
  return name.endsWith('/') ? 'folder' : 'file';
}

function unpacked(entry: AsyncIterable<Buffer>): Readable {
  return Readable.from((async function* (): AsyncGenerator<Buffer> {
    try {
      yield* entry;
    } catch (error) {
      throw archiveFailure(error);
    }
  })(), { objectMode: false });
}
