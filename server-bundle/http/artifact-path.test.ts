import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkheadError } from '../contract/index.ts';
import { parseArtifactUrl, parseDecodedPath } from './artifact-path.ts';

const parse = (rest: string): ReturnType<typeof parseArtifactUrl> => parseArtifactUrl(`/artifactory/${rest}`, '/artifactory/');
const codeOf = (rest: string): string => {
  try {
    parse(rest);
    return 'accepted';
  } catch (error) {
    return error instanceof BulkheadError ? error.code : 'another error';
  }
};

describe('reading repository and path from an address', () => {
  it.each([
    ['repo/a/b.jar', 'repo', 'a/b.jar'],
    ['repo/a/b/', 'repo', 'a/b/'],
    ['repo', 'repo', ''],
    ['repo/', 'repo', ''],
    ['repo/a%20b/c%2Bd+e', 'repo', 'a b/c+d+e'],
    ['repo/a?list&deep=1', 'repo', 'a'],
    ['repo/%C3%A4.txt', 'repo', 'ä.txt'],
    ['repo/;x=1', 'repo', ''],
    ['repo/a.jar;build.name=x;number=1', 'repo', 'a.jar'],
    ['repo/%3B%23%25', 'repo', ';#%'],
    ['repo/...', 'repo', '...'],
    ['repo/..a/a..', 'repo', '..a/a..'],
  ])('%s', (rest, repositoryKey, path) => {
    expect(parse(rest)).toEqual({ repositoryKey, path });
  });

  it.each([
    '', 'repo//a', '/repo/a', 'repo/a//', 'repo/../a', 'repo/a/..', 'repo/.', 'repo/%2e%2e/a', 'repo/.%2E/a', '../a', '..', 'repo/..;x=1/a',
    'repo/a%2Fb', 'repo/a%2fb', 'repo/a%5Cb', 'repo/a\\b', 'repo/a%00b', 'repo/%01', 'repo/a%7F', 'repo/a%0D%0Ab', 'repo/%zz', 'repo/%', 'repo/%C3', 'repo/\u00c3', 'repo/\u00c3\u00a4', 'repo/a#b',
    'repo/%ED%A0%80', 'repo/%C0%AE%C0%AE/a', 'repo/a%C2%85',
  ])('refuses %j', (rest) => {
    expect(codeOf(rest)).toBe('PATH_INVALID');
  });

  it('limits the length of paths and segments in bytes', () => {
    expect(codeOf(`repo/${'a'.repeat(255)}`)).toBe('accepted');
    expect(codeOf(`repo/${'a'.repeat(256)}`)).toBe('PATH_TOO_LONG');
    expect(codeOf(`repo/${'%C3%A4'.repeat(128)}`)).toBe('PATH_TOO_LONG');
    expect(codeOf(`repo/${Array.from({ length: 512 }, () => 'a').join('/')}`)).toBe('accepted');
    expect(codeOf(`repo/${Array.from({ length: 514 }, () => 'a').join('/')}`)).toBe('PATH_TOO_LONG');
    expect(codeOf(`repo/${'a'.repeat(100_000)}`)).toBe('PATH_TOO_LONG');
  });

  it('gives back every valid path that is encoded, and never anything that leaves the repository', () => {
    const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 })
      // eslint-disable-next-line no-control-regex -- the same set that is refused
      .filter((text) => !/[\u0000-\u001f\u007f-\u009f\\/\u2028\u2029\ufffe\uffff]/.test(text) && !['.', '..'].includes(text) && text.isWellFormed()
        && Buffer.byteLength(text) <= 255);
    fc.assert(fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean(), (segments, isFolder) => {
      const path = segments.join('/') + (isFolder ? '/' : '');
      expect(parse(`repo/${segments.map(encodeURIComponent).join('/')}${isFolder ? '/' : ''}`)).toEqual({ repositoryKey: 'repo', path });
      expect(parseDecodedPath(`/repo/${path}`)).toEqual({ repositoryKey: 'repo', path });
    }), { numRuns: 150 });
  });

  it('answers any bytes with a valid path or a refusal of the registry', () => {
    const piece = fc.constantFrom('..', '.', '%2e', '%2E', '/', '//', '%2f', '\\', '%5c', '%00', '%', 'a', ';', '?', '#', '\u00e9', '%C3%A9', '%ff', ' ', '\t');
    fc.assert(fc.property(fc.oneof(fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')), fc.string({ unit: 'binary' })), (rest) => {
      const code = codeOf(rest);
      expect(['accepted', 'PATH_INVALID', 'PATH_TOO_LONG']).toContain(code);
      if (code !== 'accepted') return;
      const { repositoryKey, path } = parse(rest);
      const segments = [repositoryKey, ...path.replace(/\/$/, '').split('/')];
      if (path !== '') expect(segments.every((part) => part !== '' && part !== '.' && part !== '..')).toBe(true);
      // eslint-disable-next-line no-control-regex -- none of these may come through
      expect(path).not.toMatch(/[\u0000-\u001f\u007f\\]/);
    }), { numRuns: 2000 });
  });
});
