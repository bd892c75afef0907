import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTar, makeTgz, makeZip, type MadeEntry } from '../../test/harness/archives.ts';
import { BulkheadError } from '../contract/index.ts';
import { archiveKind, archiveLimits, walkArchive, type ArchiveKind, type ArchiveLimits } from './index.ts';

const makers: Record<ArchiveKind, (entries: readonly MadeEntry[]) => Buffer> = { zip: makeZip, tar: makeTar, tgz: makeTgz };
const kinds = Object.keys(makers) as ArchiveKind[];

async function contents(kind: ArchiveKind, bytes: Buffer, limits?: ArchiveLimits): Promise<[string, string][]> {
  const found: [string, string][] = [];
  const source = { size: bytes.length, open: async (range?: { start: number; end: number }) => Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)], { objectMode: false }) };
  for await (const entry of walkArchive(kind, source, limits)) {
    if (entry.kind === 'folder') found.push([`${entry.path}/`, '']);
    else found.push([entry.path, Buffer.concat(await (await entry.open()).toArray() as Buffer[]).toString('latin1')]);
  }
  return found;
}
const codeOf = async (kind: ArchiveKind, bytes: Buffer, limits?: ArchiveLimits): Promise<string> => contents(kind, bytes, limits).then(
  () => 'accepted', (error: unknown) => (error instanceof BulkheadError ? error.code : String(error)));

describe.each(kinds)('a %s', (kind) => {
  const make = makers[kind];

  it('gives its files in order, with their bytes', async () => {
    const large = randomBytes(300_000);
    expect(await contents(kind, make([{ name: 'a/', type: '5' }, { name: './a/b.txt', content: 'one' }, { name: 'empty' }, { name: 'c \u00e4.bin', content: large }])))
      .toEqual([['a/', ''], ['a/b.txt', 'one'], ['empty', ''], ['c \u00e4.bin', large.toString('latin1')]]);
    expect(await contents(kind, make([]))).toEqual([]);
  });

  it.each(['../x', 'a/../../x', '/etc/passwd', 'C:/x', 'a//b', 'a/./b', 'a\u0001b', 'a\\..\\b', '..', 'x'.repeat(90) + '/../../y'])('refuses the name %j', async (name) => {
    expect(await codeOf(kind, make([{ name, content: 'x' }])), name).toBe('ARCHIVE_ENTRY_REFUSED');
  });

  it('keeps to its limits', async () => {
    const limits = { entries: 3, bytes: 1000, ratio: 10, ratioFloor: 500 };
    const files = (count: number, size: number): MadeEntry[] => Array.from({ length: count }, (_, n) => ({ name: `f${String(n)}`, content: randomBytes(size) }));
    expect(await codeOf(kind, make(files(4, 1)), { ...limits, bytes: 1e9, ratioFloor: 1e9 })).toBe('ARCHIVE_TOO_LARGE');
    expect(await codeOf(kind, make(files(3, 400)), limits)).toBe('ARCHIVE_TOO_LARGE');
    if (kind !== 'tar') expect(await codeOf(kind, make([{ name: 'zeros', content: Buffer.alloc(3_000_000) }]), { ...archiveLimits, ratioFloor: 1000 })).toBe('ARCHIVE_TOO_LARGE');
  });

  it('says of anything else that it is damaged, and never crashes', async () => {
    const good = make([{ name: 'a', content: 'hello' }, { name: 'b', content: randomBytes(2000) }]);
    expect(await codeOf(kind, good.subarray(0, good.length - (kind === 'tar' ? 2600 : 30)))).toBe('ARCHIVE_INVALID');
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), async (changes) => {
      const broken = Buffer.from(good);
      for (const [at, byte] of changes) broken[at] = byte;
      expect(['accepted', 'ARCHIVE_INVALID', 'ARCHIVE_ENTRY_REFUSED', 'ARCHIVE_TOO_LARGE']).toContain(await codeOf(kind, broken));
    }), { numRuns: 300 });
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      expect(['accepted', 'ARCHIVE_INVALID', 'ARCHIVE_ENTRY_REFUSED']).toContain(await codeOf(kind, Buffer.from(bytes)));
    }), { numRuns: 100 });
  });

  it('can be left half-way', async () => {
    const bytes = make([{ name: 'a', content: randomBytes(200_000) }, { name: 'b' }]);
    const source = { size: bytes.length, open: async (range?: { start: number; end: number }) => Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)], { objectMode: false }) };
    for await (const entry of walkArchive(kind, source)) {
      expect(entry.path).toBe('a');
      break;
    }
    const names: string[] = [];
    for await (const entry of walkArchive(kind, source)) names.push(entry.path);
    expect(names).toEqual(['a', 'b']);
  });
});

it('refuses links and devices', async () => {
  for (const mode of [0o120777, 0o060000, 0o020000, 0o010000, 0o140000]) expect(await codeOf('zip', makeZip([{ name: 'x', content: '/etc/passwd', mode }]))).toBe('ARCHIVE_ENTRY_REFUSED');
  for (const type of ['1', '2', '3', '4', '6', 'S', 'M']) expect(await codeOf('tar', makeTar([{ name: 'x', type }])), type).toBe('ARCHIVE_ENTRY_REFUSED');
});

it('does not believe what a zip declares', async () => {
  expect(await codeOf('zip', makeZip([{ name: 'x', content: 'hello', declared: { crc: 1 } }]))).toBe('ARCHIVE_INVALID');
  expect(await codeOf('zip', makeZip([{ name: 'x', content: Buffer.alloc(100_000), declared: { size: 5 } }]))).toBe('ARCHIVE_INVALID');
  expect(await codeOf('zip', makeZip([{ name: 'x', content: 'x', declared: { size: 0xfffffff0 } }]))).toBe('ARCHIVE_TOO_LARGE');
});

it.each([['more', { size: 0 }], ['less', { size: 90_000 }], ['else', { crc: 1 }]])('survives an entry of %s than it declares that nobody has begun to read', async (_what, declared) => {
  const bytes = makeZip([{ name: 'x', content: randomBytes(50_000), declared }]);
  const source = { size: bytes.length, open: async (range?: { start: number; end: number }) => Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)], { objectMode: false }) };
  for await (const entry of walkArchive('zip', source)) {
    const late = await entry.open();
    const never = await entry.open();
    // the bytes come by themselves, and what is wrong with them comes to light, while the client is not ready for any
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    never.destroy();
    await expect(late.toArray()).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  }
});

it.each([['a.zip', 'zip'], ['A.JAR', 'zip'], ['a.tar.gz', 'tgz'], ['a.tgz', 'tgz'], ['a.tar', 'tar'], ['a.gz', null], ['a.txt', null], ['zip', null]])('knows %s', (name, kind) => {
  expect(archiveKind(name)).toBe(kind);
});

describe('names in a zip that do not say what they are written in', () => {
  /** Without the flag of UTF-8, and with some bytes put for others. */
  const unmarked = (name: string, put: readonly [from: string, to: string] = ['', '']): Buffer => {
    const bytes = Buffer.from(makeZip([{ name, content: 'x' }]).toString('latin1').replaceAll(...put), 'latin1');
    for (const [signature, flags] of [['PK\u0003\u0004', 6], ['PK\u0001\u0002', 8]] as const) {
      const at = bytes.indexOf(signature, 0, 'latin1') + flags;
      bytes.writeUInt16LE(bytes.readUInt16LE(at) & ~0x800, at);
    }
    return bytes;
  };

  it('are UTF-8 where they can be, as zip writes them without a locale, and CP437 where not', async () => {
    expect(await contents('zip', unmarked('d/\u00fc \u6f22.txt'))).toEqual([['d/\u00fc \u6f22.txt', 'x']]);
    expect(await contents('zip', unmarked('_b.txt', ['_b.txt', '\u0084b.txt']))).toEqual([['\u00e4b.txt', 'x']]);
  });

  it('lead nowhere else either way', async () => {
    expect(await codeOf('zip', unmarked('_/../../y', ['_/..', '\u00fc/..']))).toBe('ARCHIVE_ENTRY_REFUSED');
  });
});
