import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, highest, isVersion } from './version-order.ts';

test('versions stand in their order, whatever else stands among them', () => {
  expect(['1.10.0', 'nonsense', '1.2.0', '1.2.0-rc.1', 'v1.1', ''].sort(compareVersions)).toEqual(['', 'nonsense', 'v1.1', '1.2.0-rc.1', '1.2.0', '1.10.0']);
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,2}\.[0-9]\.[0-9](-[a-z0-9.]{1,4})?$/), fc.constantFrom('1.0.0', 'v1.0.0', '=1.0.0', '1.0.0+b'));
  fc.assert(fc.property(text, text, text, (a, b, c) => {
    expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
    if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
  }), { numRuns: 2000 });
});

test('the highest release, else the highest of all', () => {
  expect(highest(['1.0.0', '2.0.0-rc.1', '1.5.0'])).toBe('1.5.0');
  expect(highest(['1.0.0-a', '1.0.0-b'])).toBe('1.0.0-b');
  expect(highest([])).toBeUndefined();
});

test('only what npm would write is a version', () => {
  for (const version of ['1.0.0', '0.0.1-alpha.1']) expect(isVersion(version)).toBe(true);
  for (const version of ['1', '1.0', 'v1.0.0', '1.0.0+build', ' 1.0.0', '01.0.0', '1.0.0/x', `1.0.0-${'a'.repeat(300)}`]) expect(isVersion(version)).toBe(false);
});
