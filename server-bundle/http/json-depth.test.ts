import { expect, test } from 'vitest';
import { deepestJson, isTooDeep } from './json-depth.ts';

const nested = (levels: number, [open = '', close = '']: readonly string[] = ['[', ']']): string => open.repeat(levels) + close.repeat(levels);
const tooDeep = (json: string): boolean => isTooDeep(Buffer.from(json));

test.each([['[', ']'], ['{', '}']])('counts levels of %s and %s', (...pair) => {
  expect(tooDeep(nested(deepestJson, pair))).toBe(false);
  expect(tooDeep(nested(deepestJson + 1, pair))).toBe(true);
});

test('counts what is open at once, not what there is', () => {
  expect(tooDeep('[]'.repeat(10_000))).toBe(false);
});

test('brackets in strings are text, after escaped quotes too', () => {
  expect(tooDeep(`["${'['.repeat(1000)}", "\\"${'{'.repeat(1000)}", "\\\\"]`)).toBe(false);
  expect(tooDeep(`["\\\\", ${nested(1000)}]`)).toBe(true);
});

test('text that never ends is seen as well', () => {
  expect(tooDeep('['.repeat(700_000))).toBe(true);
});
