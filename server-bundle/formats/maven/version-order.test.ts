import { describe, expect, it } from 'vitest';
import { compareVersions } from './version-order.ts';

/** Each list in ascending order. */
const ascending: readonly (readonly string[])[] = [
  ['1', '2', '10', '11', '100'],
  ['1.0', '1.1', '1.2', '1.10', '2.0'],
  ['1-alpha2snapshot', '1-alpha2', '1-alpha-123', '1-beta-2', '1-beta123', '1-m2', '1-m11', '1-rc', '1-cr2', '1-rc123', '1-SNAPSHOT', '1', '1-sp',
    '1-sp2', '1-sp123', '1-abc', '1-def', '1-pom-1', '1-1-snapshot', '1-1', '1-2', '1-123'],
  ['2.0', '2.0.a', '2-1', '2.0.2', '2.0.123', '2.1.0', '2.1-a', '2.1b', '2.1-c', '2.1-1', '2.1.0.1', '2.2', '2.123', '11.a2', '11.a11', '11.b2', '11.b11', '11.m2',
    '11.m11', '11', '11.a', '11b', '11c', '11m'],
  ['1.0-alpha-1', '1.0-alpha-2', '1.0-beta-1', '1.0-rc1', '1.0-SNAPSHOT', '1.0', '1.0-sp1', '1.0.1'],
  ['4.1.0.Alpha1', '4.1.0.Beta2', '4.1.0.CR1', '4.1.0.Final', '4.1.1.Final'],
  ['1.0.0-SNAPSHOT', '1.0.0', '1.0.1-SNAPSHOT', '1.0.1'],
  ['20190126.230842', '20190126.230843', '20240101.000000'],
  ['5.0.7', '6.0', '6.0.pfd'],
  ['1.0-20260101.120000-1', '1.0-20260101.120000-2', '1.0-20260102.000000-1'],
];
const equal: readonly (readonly [string, string])[] = [
  ['1', '1.0'], ['1', '1.0.0'], ['1.0', '1.0.0'], ['1', '1-0'], ['1', '1.0-0'], ['1.0', '1.0-0'],
  ['1a', '1-a'], ['1a', '1.0-a'], ['1.0a', '1-a'], ['1.0.0a', '1-a'], ['1x', '1-x'],
  ['1ga', '1'], ['1release', '1'], ['1final', '1'], ['1-ga', '1'], ['1.0.final', '1'], ['1cr', '1rc'],
  ['1a1', '1-alpha-1'], ['1b2', '1-beta-2'], ['1m3', '1-milestone-3'],
  ['1X', '1x'], ['1A', '1a'], ['1SNAPSHOT', '1-snapshot'], ['1SP', '1sp'], ['1Final', '1'],
  ['0.0-1552', '0.0-1552'], ['1.0.0.0.0', '1'], ['01', '1'],
];

describe('the order of versions', () => {
  it.each(ascending.map((versions) => [versions]))('%j', (versions) => {
    for (const [at, low] of versions.entries()) {
      expect(compareVersions(low, low)).toBe(0);
      for (const high of versions.slice(at + 1)) {
        expect(compareVersions(low, high), `${low} < ${high}`).toBeLessThan(0);
        expect(compareVersions(high, low), `${high} > ${low}`).toBeGreaterThan(0);
      }
    }
  });

  it.each(equal)('%s equals %s', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
    expect(compareVersions(b, a)).toBe(0);
  });

  it('orders words that every object of JavaScript knows like other words', () => {
    expect(['1-delta', '1-constructor', '1-bravo', '1'].sort(compareVersions)).toEqual(['1', '1-bravo', '1-constructor', '1-delta']);
  });
});
