import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCoreMetadata } from './core-metadata.ts';

describe('core metadata', () => {
  it('has fields, lists and a description', () => {
    const read = parseCoreMetadata('\uFEFFMetadata-Version: 2.1\r\nName: Some.Pkg\r\nclassifier: A :: B\r\nClassifier: C\r\nSummary: one\r\n  two\r\nnonsense\r\n\r\n# Title\r\n\r\nText: x\r\n');
    expect([read.first('name'), read.all('Classifier'), read.first('summary'), read.description]).toEqual(['Some.Pkg', ['A :: B', 'C'], 'one\ntwo', '# Title\n\nText: x\n']);
    expect([read.first('Text'), read.all('Text')]).toEqual([undefined, []]);
    expect(parseCoreMetadata('Name: a\nDescription: old\n        way\n').description).toBe('old\nway');
  });

  it('is read from anything', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '\r', '\t', '__proto__', 'Name') }), (text) => {
      const read = parseCoreMetadata(text);
      expect(typeof read.description).toBe('string');
      expect(read.all('constructor')).toBeInstanceOf(Array);
    }));
  });
});
