import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOldPackageName, isPackageName, isTagName } from './names.ts';
import { isRange } from './version-order.ts';

test.each(['a', 'some-package', 'example.com', 'under_score', '123numeric', '@npm/thingy', '@npm-zors/money--time.js', 'http', 'a'.repeat(214)])('%s is a name', (name) => {
  expect(isPackageName(name)).toBe(true);
});

test.each([
  '', '.start-with-period', '@npm/.package', '_start-with-underscore', '-dash', 'contain:colons', ' leading-space', 'trailing-space ', 's/l/a/s/h/e/s', 'node_modules', 'favicon.ico',
  'CAPITAL-LETTERS', 'crazy!', "it's", '@npm/', '@/npm', '@npm', '@npm/thingy/more', 'a'.repeat(215), 'ünicode', 'a%2fb', '..', '@../..', 'a\\b',
])('%s is none', (name) => {
  expect(isPackageName(name)).toBe(false);
});

test('packages of early days keep their names', () => {
  expect(isOldPackageName('JSONStream')).toBe(true);
  expect(isOldPackageName('verb!')).toBe(true);
  expect(isOldPackageName('a/b')).toBe(false);
});

test('whatever passes for a name is one or two plain segments of a path', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^@?[a-z.@/_~-]{0,12}$/)), (text) => {
    if (!isOldPackageName(text)) return;
    const segments = text.split('/');
    expect(segments.length).toBe(text.startsWith('@') ? 2 : 1);
    for (const segment of segments) expect(segment).toMatch(/^[@\w~'!()*][\w.~'!()*@-]*$/);
    expect(encodeURI(text)).toBe(text);
  }));
});

test('a tag cannot be taken for a version or a range', () => {
  for (const tag of ['latest', 'next', 'beta-2', 'v-next']) expect(isTagName(tag, isRange)).toBe(true);
  for (const tag of ['1.0.0', 'v1', '^1', '*', '1', 'x', 'a/b', '', ' ', 'a b', '-', '.x', 'ä']) expect(isTagName(tag, isRange)).toBe(false);
});
