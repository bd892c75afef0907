import { expect, it } from 'vitest';
import { fakeJournal, fakeLogLine } from '../testing/fake-records.ts';
import { appendLines, filterLines } from '../topology/log-lines.ts';
import { fitsFilter, journalQueryOf, mergeEntries, noFilter } from './journal-filter.ts';

it('asks only for what was chosen', () => {
  expect(journalQueryOf('demo', { ...noFilter })).toEqual({ clusterId: 'demo', limit: 100 });
  expect(journalQueryOf('demo', { text: ' kill ', severity: 'bad', source: '', nodeId: 'node-2' }, 7)).toEqual({ clusterId: 'demo', limit: 100, before: 7, text: 'kill', severity: 'bad', nodeId: 'node-2' });
});

it('lets a live entry in only where it fits', () => {
  const killed = fakeJournal(20).find(({ message }) => message.includes('killed'));
  if (killed === undefined) throw new Error('no such entry');
  expect(fitsFilter(killed, { ...noFilter, text: 'KILLED' })).toBe(true);
  expect(fitsFilter(killed, { ...noFilter, severity: 'info' })).toBe(false);
  expect(fitsFilter(killed, { ...noFilter, nodeId: 'node-1' })).toBe(false);
});

it('keeps each entry once, newest first', () => {
  const [first, second, third] = fakeJournal(3);
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few');
  expect(mergeEntries([second, third], [first, second]).map(({ id }) => id)).toEqual([3, 2, 1]);
});

it('holds no more log lines than it can show, and filters by every word', () => {
  const many = Array.from({ length: 4_990 }, (_, index) => fakeLogLine(index, index));
  const lines = appendLines(many, Array.from({ length: 20 }, (_, index) => fakeLogLine(10_000 + index, index)));
  expect(lines).toHaveLength(5_000);
  expect(lines.at(-1)?.at).toBe(10_019);
  expect(filterLines(lines, 'warn slow').every(({ level, text }) => level === 'warn' && text.includes('slow'))).toBe(true);
  expect(filterLines(lines, '')).toBe(lines);
});
