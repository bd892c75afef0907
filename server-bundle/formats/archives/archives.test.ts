import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildSdist, buildWheel, tar, zip } from '../../../test/harness/python-packages.ts';
import { BulkheadError } from '../../contract/index.ts';
import type { InspectedFile } from '../format.ts';
import { lookInto, readTarEntry, readZipEntry } from './index.ts';

/** Counts what is read of it. */
function fileOf(bytes: Buffer): InspectedFile & { read: number } {
  const file = {
    size: bytes.length, sha256: '', sha1: '', md5: '', read: 0,
    open: async (range?: { start: number; end: number }) => {
      const part = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1);
      file.read += part.length;
      return Readable.from([part], { objectMode: false });
    },
  };
  return file;
}

const search = { limit: 1000, scanLimit: 1_000_000 };

describe('archives', () => {
  it('give one entry', async () => {
    const wheel = buildWheel({ name: 'a', version: '1' });
    expect((await readZipEntry(fileOf(wheel.bytes), (name) => name.endsWith('/METADATA'), 1000))?.toString()).toBe(wheel.metadata);
    const sdist = buildSdist({ name: 'a', version: '1' });
    expect((await readTarEntry(fileOf(sdist.bytes), { ...search, wanted: (name) => name.endsWith('/PKG-INFO') }))?.toString()).toBe(sdist.metadata);
    expect(await readZipEntry(fileOf(wheel.bytes), () => false, 1000)).toBeUndefined();
    expect(await readTarEntry(fileOf(sdist.bytes), { ...search, wanted: () => false })).toBeUndefined();
    expect(await readZipEntry(fileOf(wheel.bytes), () => true, 3)).toBeNull();
    expect(await readTarEntry(fileOf(sdist.bytes), { ...search, limit: 3, wanted: () => true })).toBeNull();
  });

  it('of many megabytes are not read whole for one entry', async () => {
    const file = fileOf(zip([...Array.from({ length: 30 }, (_, index): [string, Buffer] => [`${String(index)}.bin`, randomBytes(500_000)]), ['last', Buffer.from('here')]]));
    expect((await readZipEntry(file, (name) => name === 'last', 1000))?.toString()).toBe('here');
    expect(file.read).toBeLessThan(2_000_000);
  });

  it('with long names are read as tar writes them', async () => {
    const long = `${'folder/'.repeat(30)}file`;
    const record = `path=${long}\n`;
    const pax = Buffer.from(`${String(record.length + 4)} ${record}`);
    const archive = tar([['x', pax], ['short', Buffer.from('data')]]);
    archive.write('x', 156);
    fixChecksum(archive);
    expect((await readTarEntry(fileOf(gzipSync(archive)), { ...search, wanted: (name) => name === long }))?.toString()).toBe('data');
  });

  it('that unpack to far more than they are end the search', async () => {
    const bomb = gzipSync(tar([['huge', Buffer.alloc(20_000_000)], ['wanted', Buffer.from('x')]]));
    await expect(lookInto('bomb', () => readTarEntry(fileOf(bomb), { ...search, wanted: (name) => name === 'wanted' }))).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
  });

  it('with names that leave their folder are refused', async () => {
    const evil = zip([['../../etc/passwd', Buffer.from('x')], ['wanted', Buffer.from('y')]]);
    await expect(lookInto('evil', () => readZipEntry(fileOf(evil), (name) => name === 'wanted', 10))).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
  });

  it('that are broken anywhere are PACKAGE_INVALID or give what they hold, and nothing else', async () => {
    const wheel = buildWheel({ name: 'a', version: '1' }).bytes;
    const raw = tar([['a/PKG-INFO', Buffer.from('Name: a\n')], ['b', Buffer.from('b')]]);
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    const changed = (bytes: Buffer, edits: readonly (readonly [number, number])[], cut: number): Buffer => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of edits) copy[at % copy.length] = value;
      return cut % 3 === 0 ? copy.subarray(0, cut % copy.length) : copy;
    };
    await fc.assert(fc.asyncProperty(changes, fc.nat(), fc.boolean(), async (edits, cut, asTar) => {
      try {
        const found = asTar
          ? await lookInto('x', () => readTarEntry(fileOf(gzipSync(changed(raw, edits, cut))), { ...search, wanted: (name) => name.endsWith('PKG-INFO') }))
          : await lookInto('x', () => readZipEntry(fileOf(changed(wheel, edits, cut)), (name) => name.endsWith('METADATA'), 1000));
        expect(found?.length ?? 0).toBeLessThanOrEqual(1000);
      } catch (error) {
        expect(error).toBeInstanceOf(BulkheadError);
        expect((error as BulkheadError).code).toBe('PACKAGE_INVALID');
      }
    }), { numRuns: 500 });
  });
});

function fixChecksum(archive: Buffer): void {
  archive.write('        ', 148);
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}
