import { expect, it } from 'vitest';
import { uploadWords } from './upload-words.ts';

const upload = { file: 'node', sentBytes: 18_000_000, totalBytes: 40_000_000, bytesPerSecond: 11_000_000 };
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

it('says how much, how fast and how long still', () => {
  expect(plain(uploadWords(upload).figures)).toBe('45 %, 18 MB of 40 MB, 11 MB per s, 2.00 s left');
  expect(uploadWords(upload).title).toBe('Sending the runtime, compressed');
});

it('claims no rate that was not measured, no end that has not come, and says when nothing moves', () => {
  expect(plain(uploadWords({ ...upload, bytesPerSecond: null }).figures)).toBe('45 %, 18 MB of 40 MB');
  expect(uploadWords({ ...upload, sentBytes: 39_999_999 }).percent).toBe(99);
  expect(plain(uploadWords({ ...upload, bytesPerSecond: 0 }).figures)).toBe('45 %, 18 MB of 40 MB, nothing moves');
  expect(uploadWords({ ...upload, sentBytes: 0, totalBytes: 0 }).percent).toBe(0);
});
