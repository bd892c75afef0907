import { expect, it } from 'vitest';
import { readSearch, type SearchKind } from './read-search.ts';

const read = (text: string, kind: SearchKind = 'any', repository = '') => readSearch(text, kind, repository);

it('tells from the look of the words what they are', () => {
  expect(read('')).toBeNull();
  expect(read(' invoice-core*.jar ')).toEqual({ question: { by: 'name', name: 'invoice-core*.jar' } });
  for (const length of [32, 40, 64]) expect(read('A'.repeat(length))).toEqual({ question: { by: 'checksum', checksum: 'a'.repeat(length) } });
  expect(read('build.name=billing stage=;x=a=b')).toEqual({ question: { by: 'property', properties: { 'build.name': 'billing', stage: '', x: 'a=b' } } });
  expect(read('com.acme:core')).toEqual({ question: { by: 'coordinates', group: 'com.acme', artifact: 'core' } });
  expect(read(':core:1.0')).toEqual({ question: { by: 'coordinates', artifact: 'core', version: '1.0' } });
  expect(read('/com/acme/*.pom', 'any', 'libs')).toEqual({ question: { by: 'path', pattern: 'com/acme/*.pom' } });
});

it('takes them for what was chosen', () => {
  expect(read('a'.repeat(32), 'name')).toEqual({ question: { by: 'name', name: 'a'.repeat(32) } });
  expect(read('stage', 'property')).toEqual({ question: { by: 'property', properties: { stage: '' } } });
  expect(read('com.acme', 'coordinates')).toEqual({ question: { by: 'coordinates', group: 'com.acme' } });
});

it('says what is missing', () => {
  for (const [text, kind] of [['a/b.jar', 'any'], ['abc', 'checksum'], ['a/b', 'name'], ['::1.0', 'coordinates'], ['a:b:c:d:e', 'coordinates'], ['=x', 'property']] as const) expect(read(text, kind), text).toHaveProperty('problem');
});
