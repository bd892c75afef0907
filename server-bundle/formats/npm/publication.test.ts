import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { npmTarball, publishBody } from '../../../test/harness/npm-packages.ts';
import { BulkheadError } from '../../contract/index.ts';
import { publicationOf, requireIntact, requireSameManifest } from './publication.ts';

const tarball = npmTarball({ name: '@acme/tree', version: '1.0.0' });
const sha = (algorithm: string): string => createHash(algorithm).update(tarball).digest('hex');
const actual = { size: tarball.length, sha1: sha('sha1'), sha256: sha('sha256'), sha512: sha('sha512') };
const document = (dist?: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  JSON.parse(publishBody({ name: '@acme/tree', version: '1.0.0' }, tarball, { tag: 'next', ...(dist === undefined ? {} : { dist }) })) as Record<string, unknown>;
const of = (given: unknown, name = '@acme/tree') => publicationOf(name, '@acme/tree-1.0.0.tgz', given);

it('finds the version, its tags and what is said of its bytes', () => {
  const publication = of(document());
  expect(publication).toMatchObject({ name: '@acme/tree', version: '1.0.0', length: tarball.length, tags: new Map([['next', '1.0.0']]) });
  requireIntact(publication, actual);
  // a client that tries again sends what is there already, too
  const again = document();
  again['versions'] = { ...again['versions'] as object, '0.9.0': { name: '@acme/tree', version: '0.9.0' } };
  again['dist-tags'] = { latest: '0.9.0', next: '1.0.0' };
  expect(of(again).tags).toEqual(new Map([['next', '1.0.0']]));
});

it('refuses what does not belong together', () => {
  const changed = (change: Record<string, unknown>): unknown => ({ ...document(), ...change });
  const version = (change: Record<string, unknown>): unknown => changed({ versions: { '1.0.0': { name: '@acme/tree', version: '1.0.0', ...change } } });
  for (const given of [
    null, [], 'x', changed({ name: 'other' }), changed({ versions: {} }), changed({ versions: null }), version({ name: 'other' }), version({ version: '1.0.1' }), version({ dist: { shasum: 5 } }),
    changed({ 'dist-tags': [] }), changed({ 'dist-tags': { '1.x': '1.0.0' } }), changed({ _attachments: { '@acme/tree-1.0.0.tgz': { length: 'many' } } }),
  ]) expect(() => of(given)).toThrow(expect.objectContaining({ code: 'BODY_INVALID' }) as Error);
  expect(() => publicationOf('x', 'x-1.tgz', { name: 'x', versions: { 1: { name: 'x', version: '1' } } })).toThrow(expect.objectContaining({ code: 'BODY_INVALID' }) as Error);
  expect(() => publicationOf('UPPER', 'UPPER-1.0.0.tgz', { name: 'UPPER' })).toThrow(expect.objectContaining({ code: 'PACKAGE_INVALID' }) as Error);
  expect(() => { requireSameManifest(of(document()), { name: '@acme/tree', version: '1.0.1' }); }).toThrow(expect.objectContaining({ code: 'PACKAGE_INVALID' }) as Error);
  // npm publishes these as 1.0.0, and packs the file as it was written
  for (const version of ['1.0.0+build.5', 'v1.0.0', ' 1.0.0']) expect(() => { requireSameManifest(of(document()), { name: '@acme/tree', version }); }).not.toThrow();
});

it('holds every digest that is declared against the bytes', () => {
  const sri = (algorithm: string, bytes = tarball): string => `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;
  const other = Buffer.from('other');
  for (const [dist, code] of [
    [{ integrity: sri('sha512', other) }, 'CHECKSUM_MISMATCH'], [{ integrity: sri('sha1', other) }, 'CHECKSUM_MISMATCH'], [{ integrity: `${sri('sha512')} ${sri('sha256', other)}` }, 'CHECKSUM_MISMATCH'],
    [{ shasum: '0'.repeat(40) }, 'CHECKSUM_MISMATCH'], [{ shasum: 'short' }, 'CHECKSUM_INVALID'], [{ integrity: 'md5-AAAA' }, 'CHECKSUM_INVALID'], [{ integrity: '' }, 'CHECKSUM_INVALID'],
  ] as const) expect(() => { requireIntact(of(document(dist)), actual); }, JSON.stringify(dist)).toThrow(expect.objectContaining({ code }) as Error);
  for (const dist of [{}, { integrity: sri('sha1') }, { integrity: `${sri('sha512')}?option ${sri('sha256')}` }, { shasum: sha('sha1').toUpperCase() }]) requireIntact(of(document(dist)), actual);
  expect(() => { requireIntact({ ...of(document()), length: 1 }, actual); }).toThrow(expect.objectContaining({ code: 'BODY_INVALID' }) as Error);
});

it('answers any document with a publication or a code', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('1.0.0', '@acme/tree', '__proto__'));
  const record = fc.dictionary(fc.constantFrom('name', 'versions', 'dist-tags', '_attachments', '1.0.0', 'dist', 'version', '__proto__', '@acme/tree-1.0.0.tgz'), fc.oneof(value, fc.dictionary(fc.constantFrom('1.0.0', 'name', 'version', 'dist'), value)));
  fc.assert(fc.property(fc.oneof(value, record), (given) => {
    try {
      of(given);
    } catch (error) {
      expect(error).toBeInstanceOf(BulkheadError);
      expect((error as BulkheadError).status).toBe(400);
    }
  }), { numRuns: 500 });
});
