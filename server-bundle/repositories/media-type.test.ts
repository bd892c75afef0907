import { expect, it } from 'vitest';
import { mediaTypeOf } from './media-type.ts';

it.each([
  ['org/acme/a/1/a-1.pom', 'application/x-maven-pom+xml'], ['a.tgz', 'application/x-gzip'], ['A.JAR', 'application/java-archive'],
  ['notes.txt', 'text/plain'], ['no-extension', 'application/octet-stream'], ['a.unheard-of', 'application/octet-stream'],
])('knows %s by its name', (path, mediaType) => {
  expect(mediaTypeOf(path)).toBe(mediaType);
});

it.each(['constructor', 'a/b.constructor', 'x.toString', '__proto__', 'a.valueOf', 'hasOwnProperty'])('takes %s for a file like any other', (path) => {
  expect(mediaTypeOf(path)).toBe('application/octet-stream');
});
