import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isName, isTag, parseDigest } from './names.ts';
import { blobPath, manifestPath, placeOf, tagPath } from './paths.ts';

const digest = parseDigest(`sha256:${'0'.repeat(64)}`);
if (digest === null) throw new Error('not a digest');
const name = fc.string({ unit: fc.constantFrom('a', 'b', '0', '.', '_', '-', '/'), minLength: 1, maxLength: 30 }).filter(isName);
const tag = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '.', '_', '-'), minLength: 1, maxLength: 20 }).filter(isTag);

it('what is put at a path is found there again, and nothing else is', () => {
  fc.assert(fc.property(name, tag, (someName, someTag) => {
    expect(placeOf(blobPath(someName, digest))).toEqual({ kind: 'blob', name: someName, digest });
    expect(placeOf(manifestPath(someName, digest))).toEqual({ kind: 'manifest', name: someName, digest });
    expect(placeOf(tagPath(someName, someTag))).toEqual({ kind: 'tag', name: someName, tag: someTag });
  }));
});

it('tags that look like our own folders are tags all the same', () => {
  expect(placeOf('a/_blobs/manifest.json')).toEqual({ kind: 'tag', name: 'a', tag: '_blobs' });
  expect(placeOf('a/_manifests/manifest.json')).toEqual({ kind: 'tag', name: 'a', tag: '_manifests' });
  expect(placeOf('a/manifest.json/manifest.json')).toEqual({ kind: 'tag', name: 'a', tag: 'manifest.json' });
});

it.each(['', 'manifest.json', 'a/manifest.json', '_blobs/sha256:00', `_blobs/${digest.text}`, `a/other/${digest.text}`, 'A/1/manifest.json', 'a/b/c.json', 'a/.x/manifest.json'])(
  '%s is no place', (path) => { expect(placeOf(path)).toBeNull(); });
