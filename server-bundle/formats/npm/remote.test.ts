import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import type { ComputedContent } from '../format.ts';
import { mergePackuments } from './merge.ts';
import { remoteNpm } from './remote.ts';

const repository = { id: 1, key: 'npm-remote', config: {} };
const root = 'https://repo.example.org/artifactory';
const path = '@acme/tree/-/abbreviated.json';
const document = async (upstream: unknown, at: string): Promise<ComputedContent> =>
  remoteNpm.document!(repository, at, { bytes: Buffer.from(typeof upstream === 'string' ? upstream : JSON.stringify(upstream)), modifiedAt: new Date(0) }, root);
const answered = async (upstream: unknown, at = path): Promise<unknown> => JSON.parse((await document(upstream, at)).bytes.toString()) as unknown;
const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
const full = {
  _id: '@acme/tree', name: '@acme/tree', 'dist-tags': { latest: '1.0.0' }, time: { modified: '2026-01-01T00:00:00.000Z' },
  versions: { '1.0.0': { name: '@acme/tree', version: '1.0.0', description: 'x', scripts: { install: 'x' }, dist: { integrity, tarball: 'https://elsewhere.example.org/download/abc' } } },
};

it('makes the abbreviated form of whatever form upstream sends, with addresses of ours', async () => {
  expect(await answered(full)).toEqual({
    name: '@acme/tree', 'dist-tags': { latest: '1.0.0' }, modified: '2026-01-01T00:00:00.000Z',
    versions: { '1.0.0': { name: '@acme/tree', version: '1.0.0', hasInstallScript: true, dist: { integrity, tarball: `${root}/api/npm/npm-remote/@acme/tree/-/tree-1.0.0.tgz` } } },
  });
  expect(await answered(full, '@acme/tree/-/package.json')).toMatchObject({ time: full.time, versions: { '1.0.0': { description: 'x' } } });
});

it('passes on that a package was taken back, which is no packument otherwise', async () => {
  const gone = { _id: '@acme/tree', name: '@acme/tree', time: { modified: '2026-01-02T00:00:00.000Z', unpublished: { time: '2026-01-02T00:00:00.000Z', versions: ['1.0.0'] } } };
  expect(await answered(gone, '@acme/tree/-/package.json')).toEqual({ ...gone, versions: {} });
  expect(await answered(gone)).toMatchObject({ name: '@acme/tree', versions: {} });
  await expect(answered({ ...gone, time: {} })).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
});

it('asks upstream for a tarball where its packument says, and wants the promised bytes', async () => {
  const documents: Record<string, unknown> = { [path]: full, '@acme/tree/-/versions/2.0.0.json': { name: '@acme/tree', version: '2.0.0', dist: { shasum: 'a'.repeat(40), tarball: 'https://elsewhere.example.org/2' } } };
  const ask = (file: string) => remoteNpm.upstream(repository, `@acme/tree/-/${file}`, async (wanted) => (documents[wanted] === undefined ? undefined : Buffer.from(JSON.stringify(documents[wanted]))));
  const expected = { url: 'https://elsewhere.example.org/download/abc', kind: 'file', expected: { sha512: '07'.repeat(64) } };
  expect(await ask('tree-1.0.0.tgz')).toEqual(expected);
  expect(await ask('@acme/tree-1.0.0.tgz')).toEqual(expected);
  // newer than the packument that is kept
  expect(await ask('tree-2.0.0.tgz')).toEqual({ url: 'https://elsewhere.example.org/2', kind: 'file', expected: { sha1: 'a'.repeat(40) } });
  for (const file of ['tree-3.0.0.tgz', 'other-1.0.0.tgz', 'tree-x.tgz']) expect(await ask(file), file).toBeNull();
  expect(await ask('abbreviated.json')).toMatchObject({ url: '@acme%2ftree', kind: 'document' });
});

it('answers any bytes of upstream with a packument or a code, and merges what it answered', async () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('@acme/tree', '1.0.0', '__proto__', 'https://x.example.org'));
  const fields = fc.constantFrom('name', '_id', 'dist-tags', 'versions', 'time', 'modified', '1.0.0', 'dist', 'tarball', 'deprecated', '__proto__');
  const packument = fc.dictionary(fields, fc.oneof(value, fc.dictionary(fields, fc.oneof(value, fc.dictionary(fields, value)))))
    .map((given) => ({ ...given, name: '@acme/tree' }));
  await fc.assert(fc.asyncProperty(fc.oneof(packument, value, fc.string()), async (upstream) => {
    for (const at of [path, '@acme/tree/-/package.json']) {
      try {
        const content = await document(upstream, at);
        const merged = mergePackuments({ ...repository, id: 2, key: 'npm' }, at, [{ repository, content }], root);
        for (const manifest of Object.values((JSON.parse(merged.bytes.toString()) as { versions: Record<string, { dist: { tarball: string } }> }).versions)) {
          expect(manifest.dist.tarball.startsWith(`${root}/api/npm/npm/`)).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof BulkheadError)) throw error;
        expect(error.code).toBe('UPSTREAM_INVALID');
      }
    }
  }), { numRuns: 1000 });
});
