import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isName, isTag, parseDigest, parseReference, referrersTag } from './names.ts';

describe('names', () => {
  it.each(['a', 'library/alpine', 'a.b_c/d-e/f__g', 'a---b', '0/1', 'x'.repeat(255)])('%s is one', (name) => { expect(isName(name)).toBe(true); });
  it.each(['', '/', 'a/', '/a', 'A', 'a//b', 'a..b', 'a._b', '_a', 'a_', 'a___b', '.a', 'a b', 'ä', 'a:b', 'a/_blobs/b', 'x'.repeat(256)])('%s is none', (name) => {
    expect(isName(name)).toBe(false);
  });

  it('are never anything that leaves the repository or meets its own folders, and are decided fast', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: fc.constantFrom('a', '0', '.', '_', '-', '/', 'A'), maxLength: 300 }), fc.string()), (text) => {
      if (!isName(text)) return;
      for (const component of text.split('/')) {
        expect(component).toMatch(/^[a-z0-9]/);
        expect(component).not.toContain('..');
      }
    }), { numRuns: 3000 });
    expect(isName(`${'a-'.repeat(127)}A`)).toBe(false);
  });
});

describe('tags', () => {
  it.each(['latest', '1.0', '_x', 'A-b.C', 'x'.repeat(128), 'sha256-abc.sig'])('%s is one', (tag) => { expect(isTag(tag)).toBe(true); });
  it.each(['', '.a', '-a', 'a/b', 'a:b', 'a b', 'x'.repeat(129), 'ä', 'a\n'])('%s is none', (tag) => { expect(isTag(tag)).toBe(false); });
});

describe('digests', () => {
  const hex = (length: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...Array.from({ length: 16 }, (_, value) => value.toString(16))), minLength: length, maxLength: length });

  it('are read back as they were written', () => {
    fc.assert(fc.property(fc.oneof(hex(64).map((text) => `sha256:${text}`), hex(128).map((text) => `sha512:${text}`)), (text) => {
      const digest = parseDigest(text);
      expect(digest?.text).toBe(text);
      expect(`${digest?.algorithm ?? ''}:${digest?.hex ?? ''}`).toBe(text);
      expect(parseReference(text)).toEqual({ kind: 'digest', digest });
    }));
  });

  it('of other algorithms, lengths and letters are none', () => {
    for (const text of ['sha256:', `sha256:${'a'.repeat(63)}`, `sha256:${'A'.repeat(64)}`, `sha512:${'a'.repeat(64)}`, `md5:${'a'.repeat(32)}`, `sha256:${'a'.repeat(64)}\n`]) {
      expect(parseDigest(text)).toBeNull();
      expect(parseReference(text)).toBeNull();
    }
  });

  it('any text is a tag, a digest or nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const reference = parseReference(text);
      if (reference?.kind === 'tag') expect(reference.tag).toBe(text);
      if (reference?.kind === 'digest') expect(reference.digest.text).toBe(text);
    }));
  });

  it('have a fallback tag that is a tag', () => {
    const digest = parseDigest(`sha512:${'a'.repeat(128)}`);
    expect(digest === null ? '' : referrersTag(digest)).toBe(`sha512-${'a'.repeat(64)}`);
    expect(isTag(`sha512-${'a'.repeat(64)}`)).toBe(true);
  });
});
