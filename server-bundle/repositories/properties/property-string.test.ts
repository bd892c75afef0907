import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import { parsePropertyNames, parsePropertyString } from './property-string.ts';

const read = (text: string): Record<string, readonly string[]> => Object.fromEntries(parsePropertyString(text));
const codeOf = (text: string, parse: (text: string) => unknown = parsePropertyString): string => {
  try {
    parse(text);
    return 'accepted';
  } catch (error) {
    return error instanceof BulkheadError ? error.code : 'another error';
  }
};

describe('a properties parameter', () => {
  it.each<[string, Record<string, string[]>]>([
    ['a=1', { a: ['1'] }],
    ['a=1,2|b=3', { a: ['1', '2'], b: ['3'] }],
    ['a=1;b=2', { a: ['1'], b: ['2'] }],
    ['a=1|a=2,1|', { a: ['1', '2'] }],
    ['url=http://x/?q=1', { url: ['http://x/?q=1'] }],
    ['a=', { a: [''] }],
    ['a=x\\,y\\|z\\;w\\\\\\=', { a: ['x,y|z;w\\='] }],
    ['a=\\', { a: ['\\'] }],
    ['', {}],
  ])('%s', (text, properties) => {
    expect(read(text)).toEqual(properties);
  });

  it.each(['a', 'a|b=1', '=1', '1=1', 'a b=1', 'a\\,b=1', `a=${'x'.repeat(1025)}`, 'a=\u0000', `${'a'.repeat(256)}=1`, `a=${Array.from({ length: 1001 }, String).join(',')}`])('refuses %j', (text) => {
    expect(codeOf(text)).toBe('PROPERTY_INVALID');
  });

  it('gives back what was written with escapes', () => {
    const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9._:-]{0,20}$/);
    const value = fc.string({ unit: fc.constantFrom(',', '|', ';', '=', '\\', 'a', 'é', ' ', '+'), maxLength: 20 });
    const escape = (text: string): string => text.replace(/[\\,|;=]/g, '\\$&');
    fc.assert(fc.property(fc.uniqueArray(fc.tuple(name, fc.uniqueArray(value, { minLength: 1, maxLength: 4 })), { selector: ([key]) => key, maxLength: 5 }), (pairs) => {
      const text = pairs.map(([key, values]) => `${key}=${values.map(escape).join(',')}`).join('|');
      expect(read(text)).toEqual(Object.fromEntries(pairs));
    }), { numRuns: 500 });
  });

  it('answers any text with properties or a code', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      expect(['accepted', 'PROPERTY_INVALID']).toContain(codeOf(text));
      expect(['accepted', 'PROPERTY_INVALID']).toContain(codeOf(text, parsePropertyNames));
    }), { numRuns: 400 });
  });
});
