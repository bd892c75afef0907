import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sidecarOf } from '../../repositories/sidecar.ts';
import { parseArtifactUrl } from '../artifact-path.ts';
import { plainAddress } from './plain-address.ts';

test.each(['/artifactory/libs/org/acme/a-1.0.jar', '/artifactory/npm/-/a.tgz', '/artifactory/r/@acme/a+b_c~1'])('%s is plain', (url) => {
  expect(plainAddress(url)).toEqual(parseArtifactUrl(url, '/artifactory/'));
});

test.each([
  '/artifactory/api/npm/x', '/artifactory/r', '/artifactory/r/', '/artifactory/r/a/', '/artifactory/r//a', '/artifactory/r/../a', '/artifactory/r/./a', '/artifactory/r/.a',
  '/artifactory/r/a?b', '/artifactory/r/a;b=1', '/artifactory/r/a%20b', '/artifactory/r/a!/b', '/artifactory/r/a#b', '/other/r/a', 'http://h/artifactory/r/a', '/api/r/a',
  `/artifactory/r/${'a'.repeat(250)}`, '/artifactory/r/bhk_x',
])('%s goes the long way', (url) => {
  expect(plainAddress(url)).toBeNull();
});

test('what is plain means the same the long way', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'B', '0', '.', '-', '_', '@', '+', '~', '/', '%', '2', 'e', ';', '?'), maxLength: 8 });
  fc.assert(fc.property(part, part, (repository, path) => {
    const url = `/artifactory/${repository}/${path}`;
    const named = plainAddress(url);
    if (named === null) return;
    expect(parseArtifactUrl(url, '/artifactory/')).toEqual(named);
    expect(sidecarOf(named.path)).toBeNull();
  }), { numRuns: 5000 });
});
