import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { npmTarball, tarEntry } from '../../../test/harness/npm-packages.ts';
import { BulkheadError } from '../../contract/index.ts';
import { inspectTarball, readTarball } from './inspect.ts';
import { tarEntries } from './tar-entries.ts';

const file = (bytes: Buffer) => ({ size: bytes.length, sha256: '', sha1: '', md5: '', open: async () => Readable.from([bytes]) });
const inspect = (path: string, bytes: Buffer) => inspectTarball('npm-local', path, file(bytes));

it('finds the manifest of a package that is deployed as a file', async () => {
  const bytes = npmTarball({ name: '@acme/tree', version: '1.0.0', description: 'A Tree' }, { 'README.md': '# tree', 'binding.gyp': '{}', 'lib/package.json': '{"name":"inner"}' });
  const facts = await inspect('@acme/tree/-/@acme/tree-1.0.0.tgz', bytes);
  expect(facts).toMatchObject({ name: '@acme/tree', version: '1.0.0', readme: '# tree', fileCount: 4, integrity: expect.stringMatching(/^sha512-/) as unknown });
  expect(JSON.parse(facts?.manifest ?? '')).toEqual({ name: '@acme/tree', version: '1.0.0', description: 'A Tree', gypfile: true });
  expect(facts?.npmWords.split(' ')).toEqual(['acme', 'tree', 'a']);
  expect(await inspect('@acme/tree/-/tree-1.0.0.tgz', bytes)).toEqual(facts);
  expect(await inspect('somewhere/else.tgz', bytes)).toBeNull();
  // build metadata is no part of the version that a package has in a registry
  expect(await inspect('leaf/-/leaf-1.0.0-rc.1.tgz', npmTarball({ name: 'leaf', version: 'v1.0.0-rc.1+build.5' }))).toMatchObject({ version: '1.0.0-rc.1' });
});

it('refuses what is no package, or another one than its path says', async () => {
  const bytes = npmTarball({ name: 'leaf', version: '1.0.0' });
  for (const [path, content] of [
    ['leaf/-/leaf-1.0.1.tgz', bytes], ['other/-/other-1.0.0.tgz', bytes], ['leaf/-/leaf-1.0.0.tgz', Buffer.from('text')], ['leaf/-/leaf-1.0.0.tgz', bytes.subarray(0, 60)],
    ['leaf/-/leaf-1.0.0.tgz', gzipSync(Buffer.from('no archive'.repeat(100)))], ['leaf/-/leaf-1.0.0.tgz', gzipSync(tarEntry('package/index.js', Buffer.from('x')))],
    ['leaf/-/leaf-1.0.0.tgz', gzipSync(tarEntry('package/package.json', Buffer.from('[]')))], ['leaf/-/leaf-1.tgz', npmTarball({ name: 'leaf', version: '1' })],
  ] as const) await expect(inspect(path, content), path).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
});

it('reads long names and extended headers, and bounds them', async () => {
  const record = (text: string): string => {
    const length = text.length + 4;
    return `${String(length)} ${text}\n`.padStart(3, ' ');
  };
  const pax = tarEntry('PaxHeader', Buffer.from(record('path=package/package.json')), 'x');
  const manifest = tarEntry('x', Buffer.from(JSON.stringify({ name: 'leaf', version: '1.0.0' })));
  expect((await readTarball(file(gzipSync(Buffer.concat([pax, manifest]))))).manifest).toMatchObject({ name: 'leaf' });
  const long = tarEntry('././@LongLink', Buffer.from('package/package.json\0'), 'L');
  expect((await readTarball(file(gzipSync(Buffer.concat([long, manifest]))))).manifest).toMatchObject({ name: 'leaf' });
  const huge = tarEntry('PaxHeader', Buffer.alloc(100_000, 0x31), 'x');
  await expect(readTarball(file(gzipSync(huge)))).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
});

it('stops at its limits, whatever is packed', async () => {
  const entries = async (bytes: Buffer, limits: { entries: number; bytes: number }): Promise<number> => {
    let count = 0;
    for await (const _ of tarEntries(Readable.from([bytes]), limits, () => 0)) count += 1;
    return count;
  };
  const many = Buffer.concat(Array.from({ length: 20 }, (_, at) => tarEntry(`package/${String(at)}`, Buffer.from('x'))));
  expect(await entries(many, { entries: 20, bytes: many.length })).toBe(20);
  await expect(entries(many, { entries: 19, bytes: many.length })).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
  await expect(entries(many, { entries: 20, bytes: many.length - 1 })).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
  await expect(readTarball(file(npmTarball({ name: 'x', version: '1.0.0', filler: 'y'.repeat(5 * 1024 * 1024) })))).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
});

it('answers any bytes with entries or a code', async () => {
  const block = fc.oneof(
    fc.uint8Array({ minLength: 512, maxLength: 512 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(fc.string({ maxLength: 90 }), fc.uint8Array({ maxLength: 600 }), fc.constantFrom('0', '5', 'x', 'g', 'L', '7', '\0')).map(([path, bytes, type]) => tarEntry(path, Buffer.from(bytes), type)),
  );
  await fc.assert(fc.asyncProperty(fc.array(block, { maxLength: 8 }), async (blocks) => {
    try {
      for await (const entry of tarEntries(Readable.from([Buffer.concat(blocks)]), { entries: 100, bytes: 1e6 }, (path) => (path.endsWith('json') ? 100 : 0))) expect(entry.size).toBeGreaterThanOrEqual(0);
    } catch (error) {
      expect(error).toBeInstanceOf(BulkheadError);
      expect((error as BulkheadError).code).toBe('PACKAGE_INVALID');
    }
  }), { numRuns: 300 });
});
