import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathGlob, segmentGlob } from './path-glob.ts';

const fits = (pattern: string, path: string): boolean => {
  const { prefix, expression } = pathGlob(pattern);
  const matches = new RegExp(expression, 'su').test(path);
  // what matches begins with the prefix, or an index would hide it
  if (matches) expect(path.startsWith(prefix)).toBe(true);
  return matches;
};

/** The definition, by trying every way: slow and plain. */
function reference(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return path.length === 0;
  if (first === '**') return rest.length === 0 ? path.length > 0 : path.some((_, index) => reference(rest, path.slice(index))) || reference(rest, []);
  const [segment, ...below] = path;
  return segment !== undefined && inSegment(first, segment) && reference(rest, below);
}
function inSegment(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) return inSegment(pattern.slice(1), text) || (text !== '' && inSegment(pattern, text.slice(1)));
  return text !== '' && (pattern.startsWith('?') || text.startsWith(pattern.charAt(0))) && inSegment(pattern.slice(1), text.slice(1));
}

describe('a pattern of paths', () => {
  it.each([
    ['org/acme/*.jar', 'org/acme/a.jar', true], ['org/acme/*.jar', 'org/acme/x/a.jar', false], ['**/*.jar', 'a.jar', true], ['**/*.jar', 'x/y/a.jar', true],
    ['org/**', 'org/a/b', true], ['org/**', 'organ/a', false], ['a?c', 'abc', true], ['a?c', 'a/c', false], ['a.c', 'abc', false], ['a(b)+[c]', 'a(b)+[c]', true],
    ['a/**/b', 'a/b', true], ['a/**/b', 'a/x/y/b', true], ['a/**/b', 'a/xb', false],
  ])('%s on %s', (pattern, path, matching) => {
    expect(fits(pattern, path)).toBe(matching);
  });

  it('means what it is defined to mean', () => {
    const segment = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 3 });
    const wild = fc.oneof(fc.constant('**'), fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), minLength: 1, maxLength: 3 }).filter((text) => !text.includes('**')));
    fc.assert(fc.property(fc.array(wild, { minLength: 1, maxLength: 4 }), fc.array(segment, { minLength: 1, maxLength: 4 }), (pattern, path) => {
      expect(fits(pattern.join('/'), path.join('/')), `${pattern.join('/')} on ${path.join('/')}`).toBe(reference(pattern, path));
    }), { numRuns: 2000 });
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
      const plain = text.replace(/[*?]/g, '');
      expect(fits(plain, plain)).toBe(true);
      expect(new RegExp(`^${segmentGlob(plain)}$`, 'su').test(plain)).toBe(true);
      pathGlob(text);
    }), { numRuns: 500 });
  });
});
