import { expect, test } from 'vitest';
import { fileDisposition } from './send-content.ts';

test.each([
  ['a.txt', `attachment; filename="a.txt"; filename*=UTF-8''a.txt`],
  ['lib-1.0+b.1.tgz', `attachment; filename="lib-1.0+b.1.tgz"; filename*=UTF-8''lib-1.0%2Bb.1.tgz`],
  ['it\'s "quoted" (1).txt', `attachment; filename="it's _quoted_ (1).txt"; filename*=UTF-8''it%27s%20%22quoted%22%20%281%29.txt`],
  ['\u00fcber\u{1f600}.txt', `attachment; filename="_ber_.txt"; filename*=UTF-8''%C3%BCber%F0%9F%98%80.txt`],
  ['100%25.txt', `attachment; filename="100_25.txt"; filename*=UTF-8''100%2525.txt`],
])('%s is saved under its name by every client', (name, expected) => {
  expect(fileDisposition(name)['content-disposition']).toBe(expected);
});
