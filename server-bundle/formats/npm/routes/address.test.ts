import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BulkheadError } from '../../../contract/index.ts';
import { matched, parseRegistryUrl, prefix } from './address.ts';

const parts = (path: string): readonly string[] => parseRegistryUrl(`${prefix}npm-local/${path}`).parts;

test('a scoped name is one part, however it is written', () => {
  for (const name of ['@acme%2ftree', '@acme%2Ftree', '%40acme%2ftree', '@acme/tree', '%40acme/tree']) {
    expect(parts(name)).toEqual(['@acme/tree']);
    expect(parts(`${name}/-/@acme/tree-1.0.0.tgz/-rev/1-a`)).toEqual(['@acme/tree', '-', '@acme/tree-1.0.0.tgz', '-rev', '1-a']);
    expect(parts(`-/package/${name}/dist-tags/latest?x=1`)).toEqual(['-', 'package', '@acme/tree', 'dist-tags', 'latest']);
  }
  expect(parts('leaf/')).toEqual(['leaf']);
  expect(parts('')).toEqual([]);
  expect(parts('-/user/org.couchdb.user:nora%40example.org')).toEqual(['-', 'user', 'org.couchdb.user:nora@example.org']);
});

test('nowhere else may a slash be encoded', () => {
  for (const path of ['leaf%2f..', '@acme%2f..', '@acme%2f..%2fx', 'a%2fb', '@acme%2f%2e%2e', '@a%2fb%2fc', '..', 'a/../b', '%2e%2e', 'a//b', 'a%00', '@acme%2f', '%', 'a\\b']) {
    expect(() => parts(path), path).toThrow(expect.objectContaining({ code: 'PATH_INVALID' }) as Error);
  }
});

test('any address is parts that are plain, or a code', () => {
  const piece = fc.oneof(fc.constantFrom('@', '/', '%2f', '%2F', '%40', '..', '.', '-', 'a', '%', '%2e', ';', '?', '#', '%00', '\\'), fc.string({ maxLength: 4 }));
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
    try {
      for (const part of parts(pieces.join(''))) {
        const segments = part.split('/');
        expect(segments.length).toBeLessThanOrEqual(part.startsWith('@') ? 2 : 1);
        for (const segment of segments) expect(['', '.', '..']).not.toContain(segment);
      }
    } catch (error) {
      if (!(error instanceof BulkheadError)) throw error;
      expect(error.status).toBeLessThan(500);
    }
  }), { numRuns: 2000 });
});

test('patterns name what is asked for', () => {
  expect(matched(':package/-/:file', ['@acme/tree', '-', 'x.tgz'])).toEqual({ package: '@acme/tree', file: 'x.tgz' });
  expect(matched(':package', ['-'])).toBeNull();
  expect(matched(':package/:version', ['-', 'all'])).toBeNull();
  expect(matched('', [])).toEqual({});
});
