import { describe, expect, it } from 'vitest';
import { folderFilter, matchesAnt, pathFilter } from './path-patterns.ts';

describe('Ant patterns', () => {
  it.each([
    ['**/*', 'a', true], ['**/*', 'a/b/c.jar', true], ['**', 'a/b', true],
    ['org/acme/**', 'org/acme/a/b.jar', true], ['org/acme/**', 'org/acme', true], ['org/acme/**', 'org/acmeplus/a.jar', false],
    ['org/acme/', 'org/acme/x/y', true], ['org/acme/', 'com/acme/x', false],
    ['**/*-sources.jar', 'a/b/c-sources.jar', true], ['**/*-sources.jar', 'c-sources.jar', true], ['**/*-sources.jar', 'c-sources.jar/x', false],
    ['**/test/**', 'a/test/b', true], ['**/test/**', 'test/b', true], ['**/test/**', 'a/test', true], ['**/test/**', 'a/tests/b', false],
    ['a/**/b', 'a/b', true], ['a/**/b', 'a/x/y/b', true], ['a/**/b', 'a/xb', false], ['a/**/**/b', 'a/b', true],
    ['*.jar', 'a.jar', true], ['*.jar', 'x/a.jar', false], ['a?c', 'abc', true], ['a?c', 'a/c', false],
    ['a.jar', 'axjar', false], ['a(b)+[c]/{d}', 'a(b)+[c]/{d}', true],
  ])('%s against %s: %s', (pattern, path, expected) => { expect(matchesAnt(pattern, path)).toBe(expected); });

  it('takes what is included and not excluded; an empty list of includes is everything', () => {
    const filter = pathFilter('org/acme/**, com/acme/**', '**/*-SNAPSHOT/**');
    expect(['org/acme/a/1/a.jar', 'com/acme/x', 'net/x', 'org/acme/a/1-SNAPSHOT/a.jar', 'org/acme/'].map(filter)).toEqual([true, true, false, false, true]);
    expect(pathFilter('', '')('any/thing')).toBe(true);
    expect(pathFilter('', '**')('any/thing')).toBe(false);
  });

  it.each([
    ['', '', 'a/', true], ['**/*', '', 'a/b/', true], ['org/acme/**', '', 'org/', true], ['org/acme/**', '', 'org/acme/x/', true], ['org/acme/**', '', 'com/', false], ['org/acme/**', '', 'org/other/', false],
    ['**/*.jar', '', 'any/where/', true], ['*/a.jar', '', 'x/', true], ['*/a.jar', '', 'x/y/z/', false], ['com/x/**,org/**', '', 'org/a/', true],
    ['', 'secret/**', 'secret/', false], ['', 'secret/**', 'secret/deep/', false], ['', '**/*-sources.jar', 'a/', true], ['', '**/*.jar', 'x.jar/', true], ['', '*', 'a/', true], ['', '**/*', 'a/', false], ['', 'a', 'a/', true], ['', 'secret/**', 'open/', true],
  ])('a folder with includes "%s" and excludes "%s": %s %s', (includes, excludes, folder, expected) => { expect(folderFilter(includes, excludes)(folder)).toBe(expected); });

  it('is not held up by many wildcards', () => {
    const pattern = `${'*a'.repeat(12)}/${'**/x/'.repeat(4)}y`;
    const path = `${'a'.repeat(200)}/${'x/'.repeat(100)}z`;
    expect(matchesAnt(pattern, path)).toBe(false);
  });
});
