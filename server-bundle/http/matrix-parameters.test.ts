import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkheadError } from '../contract/index.ts';
import { parseArtifactUrl } from './artifact-path.ts';
import { matrixParametersOf } from './matrix-parameters.ts';

const read = (url: string): [Record<string, readonly string[]>, string[]] => {
  const { properties, mandatory } = matrixParametersOf(url);
  return [Object.fromEntries(properties), [...mandatory]];
};
const codeOf = (url: string): string => {
  try {
    matrixParametersOf(url);
    return 'accepted';
  } catch (error) {
    return error instanceof BulkheadError ? error.code : 'another error';
  }
};

describe('matrix parameters', () => {
  it.each<[string, Record<string, string[]>, string[]]>([
    ['/artifactory/r/a.jar', {}, []],
    ['/artifactory/r/a.jar?x;y=1', {}, []],
    ['/artifactory/r/a.jar;build.name=x;build.number=1', { 'build.name': ['x'], 'build.number': ['1'] }, []],
    ['/artifactory/r;qa=ok/a;os=linux/b.jar;os=mac', { qa: ['ok'], os: ['linux', 'mac'] }, []],
    ['/artifactory/r/a;color+=black', { color: ['black'] }, ['color']],
    ['/artifactory/r/a;c%2B=a%20b%3Bc%3Dd', { c: ['a b;c=d'] }, ['c']],
    ['/artifactory/r/a;flag;;x=a,b;y=1=2', { flag: [''], x: ['a,b'], y: ['1=2'] }, []],
    ['/artifactory/r/a;k=v;k=v', { k: ['v'] }, []],
  ])('%s', (url, properties, mandatory) => {
    expect(read(url)).toEqual([properties, mandatory]);
  });

  it.each([
    ['/artifactory/r/a;1=x', 'PROPERTY_INVALID'], ['/artifactory/r/a;=x', 'PROPERTY_INVALID'], ['/artifactory/r/a;a b=x', 'PROPERTY_INVALID'],
    ['/artifactory/r/a;a%00=x', 'PROPERTY_INVALID'], ['/artifactory/r/a;a=%00', 'PROPERTY_INVALID'], ['/artifactory/r/a;a*=x', 'PROPERTY_INVALID'],
    [`/artifactory/r/a;a=${'x'.repeat(1025)}`, 'PROPERTY_INVALID'], [`/artifactory/r/a;${'x'.repeat(256)}=1`, 'PROPERTY_INVALID'],
    [`/artifactory/r/a${Array.from({ length: 201 }, (_, n) => `;k${String(n)}=1`).join('')}`, 'PROPERTY_INVALID'],
    ['/artifactory/r/a;a=%zz', 'PATH_INVALID'], ['/artifactory/r/a;%C3=1', 'PATH_INVALID'],
  ])('refuses %s', (url, code) => {
    expect(codeOf(url)).toBe(code);
  });

  it('reads back what is encoded, and leaves the path as it is', () => {
    const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9._:-]{0,20}$/);
    const value = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => Buffer.byteLength(text) <= 1024);
    fc.assert(fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 5 }), (pairs) => {
      const url = `/artifactory/r/a/b.jar${pairs.map(([key, text]) => `;${key}=${encodeURIComponent(text)}`).join('')}`;
      expect(read(url)[0]).toEqual(Object.fromEntries(pairs.map(([key, text]) => [key, [text]])));
      expect(parseArtifactUrl(url, '/artifactory/')).toEqual({ repositoryKey: 'r', path: 'a/b.jar' });
    }));
  });

  it('answers anything with properties or a code', () => {
    const piece = fc.constantFrom(';', '=', '+', '%', '%3B', '%00', '/', 'a', 'é', ' ', ',', '|', '\\', '?', '%ff', '%ED%A0%80', '\u{1F600}');
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      expect(['accepted', 'PROPERTY_INVALID', 'PATH_INVALID']).toContain(codeOf(`/artifactory/r/a${parts.join('')}`));
    }), { numRuns: 2000 });
  });
});
