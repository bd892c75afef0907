import { expect, test } from 'vitest';
import fc from 'fast-check';
import { coversBelow, matchesPath, mayMatchBelow, pathPattern } from './path-pattern.ts';

test.each([
  ['**', ['', 'a', 'a/b/c'], []],
  ['org/acme/**', ['org/acme', 'org/acme/a.jar', 'org/acme/x/y'], ['org', 'org/acmex', 'com/acme/a']],
  ['org/acme/', ['org/acme', 'org/acme/a'], ['org']],
  ['/org/*', ['org/a'], ['org', 'org/a/b']],
  ['**/*.jar', ['a.jar', 'x/y/a.jar'], ['a.jar/b', 'a.war']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a', 'a/b/c', 'ab']],
  ['a/**/b/**/c', ['a/b/c', 'a/b/b/c', 'a/x/b/y/c'], ['a/c', 'a/b', 'a/c/b']],
  ['v?.txt', ['v1.txt'], ['v.txt', 'v12.txt']],
  ['*-*.tgz', ['a-1.tgz', 'a-b-1.tgz', '-.tgz'], ['a.tgz', 'x/a-1.tgz']],
  ['[a-z]+(x)', ['[a-z]+(x)'], ['ax']],
  ['', ['', 'a'], []],
])('%s', (text, taken, refused) => {
  const pattern = pathPattern(text);
  expect(taken.filter((path) => !matchesPath(pattern, path))).toEqual([]);
  expect(refused.filter((path) => matchesPath(pattern, path))).toEqual([]);
});

test('what could be below a folder', () => {
  expect(mayMatchBelow(pathPattern('org/acme/**'), 'org')).toBe(true);
  expect(mayMatchBelow(pathPattern('org/acme/**'), 'com')).toBe(false);
  expect(mayMatchBelow(pathPattern('org/*'), 'org/acme')).toBe(true);
  expect(mayMatchBelow(pathPattern('org/*'), 'org/acme/x')).toBe(false);
  expect(coversBelow(pathPattern('org/acme/**'), 'org/acme')).toBe(true);
  expect(coversBelow(pathPattern('org/acme/**'), 'org')).toBe(false);
  expect(coversBelow(pathPattern('**/x/**'), 'a/x/b')).toBe(true);
  expect(coversBelow(pathPattern('org/*'), 'org')).toBe(false);
  expect(coversBelow(pathPattern('**/*'), 'org')).toBe(false);
});

/** By the book, with backtracking: right, and slow for what it is not given here. */
function byTheBook(pattern: readonly string[], path: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return path.length === 0;
  if (head === '**') return byTheBook(rest, path) || (path.length > 0 && byTheBook(pattern, path.slice(1)));
  const source = head.replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === '*' ? '.*' : sign === '?' ? '.' : `\\${sign}`));
  return path.length > 0 && new RegExp(`^${source}$`, 's').test(path[0] ?? '') && byTheBook(rest, path.slice(1));
}

const segment = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 4 });
const part = fc.oneof(fc.constant('**'), fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), minLength: 1, maxLength: 4 }).filter((text) => !text.includes('**')));

test('agrees with the definition, for paths and for what lies below folders', () => {
  fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.array(segment, { maxLength: 4 }), fc.array(segment, { maxLength: 3 }), (parts, folder, below) => {
    const pattern = pathPattern(parts.join('/'));
    const whole = [...folder, ...below];
    const taken = byTheBook(parts, whole);
    expect(matchesPath(pattern, whole.join('/'))).toBe(taken);
    if (taken) expect(mayMatchBelow(pattern, folder.join('/'))).toBe(true);
    if (coversBelow(pattern, folder.join('/'))) expect(taken).toBe(true);
  }), { numRuns: 3000 });
});

test('patterns made to blow up do not', () => {
  const nasty = pathPattern(`${'**/a*a*a*a*a*a*a*a*a*b/'.repeat(30)}x`);
  const path = Array.from({ length: 120 }, () => 'a'.repeat(80)).join('/');
  const before = process.cpuUsage().user;
  for (let round = 0; round < 20; round += 1) expect(matchesPath(nasty, path)).toBe(false);
  // microseconds of this process's own time; backing up would take longer than the universe is old
  expect(process.cpuUsage().user - before).toBeLessThan(20_000_000);
});
