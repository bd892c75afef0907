import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalVersion, compareVersionTexts, isSameVersion, parseVersion } from './versions.ts';

// from PEP 440 and the tests of the "packaging" library, in order
const ordered = [
  '1.0.dev456', '1.0a1', '1.0a2.dev456', '1.0a12.dev456', '1.0a12', '1.0b1.dev456', '1.0b2', '1.0b2.post345.dev456', '1.0b2.post345',
  '1.0rc1.dev456', '1.0rc1', '1.0', '1.0+abc.5', '1.0+abc.7', '1.0+5', '1.0.post456.dev34', '1.0.post456', '1.1.dev1', '1.2', '1.2+123abc', '1.2+123abc456',
  '1.2+abc', '1.2+abc123', '1.2+abc123def', '1.2+1234.abc', '1.2+123456', '1.2.r32+123456', '1.2.rev33+123456', '1.10', '1!0.1', '1!1.0a1',
];

describe('versions (PEP 440)', () => {
  it('are ordered as they should be', () => {
    for (let shift = 1; shift < ordered.length; shift += 1) {
      const mixed = [...ordered.slice(shift), ...ordered.slice(0, shift)];
      expect(mixed.sort(compareVersionTexts)).toEqual(ordered);
    }
  });

  it.each([
    ['v1.0', '1.0'], ['1.0-1', '1.0.post1'], ['1.0.POST', '1.0.post0'], ['1.0alpha', '1.0a0'], ['1.0-preview_3', '1.0rc3'], ['01.002', '1.2'],
    ['1.0+Ubuntu-1', '1.0+ubuntu.1'], ['0!1.0', '1.0'], ['1.0dev', '1.0.dev0'], ['1.0c1', '1.0rc1'], ['99999999999999999999.1', '99999999999999999999.1'],
  ])('%s is written %s', (written, normal) => {
    expect(canonicalVersion(parseVersion(written)!)).toBe(normal);
  });

  it.each(['', 'one', '1.0.', '1..0', '1.0+', '1.0+a_', '-1', '1.0 1', '1.0/2', '../1', '1'.repeat(200)])('%j is none', (text) => {
    expect(parseVersion(text)).toBeNull();
  });

  it('are the same however they are spelled', () => {
    expect(isSameVersion('1.0', 'v1.0.0')).toBe(true);
    expect(isSameVersion('1.0', '1.0.1')).toBe(false);
    expect(isSameVersion('x', 'x')).toBe(false);
  });

  it('never make it fail, and normalizing twice changes nothing', () => {
    const part = fc.constantFrom('1', '0', '20', '.', '-', '_', '!', '+', 'a', 'rc', 'post', 'dev', 'v', 'abc', ' ', '\n', '٣');
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))), (text) => {
      const version = parseVersion(text);
      if (version === null) return;
      const normal = canonicalVersion(version);
      expect(canonicalVersion(parseVersion(normal)!)).toBe(normal);
      expect(isSameVersion(text, normal)).toBe(true);
    }), { numRuns: 2000 });
  });

  it('have one order, whichever two are asked', () => {
    const version = fc.constantFrom(...ordered, '1.0.0', '1', 'none', '');
    fc.assert(fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersionTexts(a, b))).toBe(-Math.sign(compareVersionTexts(b, a)) + 0);
      if (compareVersionTexts(a, b) <= 0 && compareVersionTexts(b, c) <= 0) expect(compareVersionTexts(a, c)).toBeLessThanOrEqual(0);
    }), { numRuns: 2000 });
  });
});
