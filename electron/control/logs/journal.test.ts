import { expect, it } from 'vitest';
import { followJournal, journalLines } from './journal-command.ts';
import { parseJournalEntry } from './parse-journal.ts';

const entry = (fields: Record<string, unknown>): string => JSON.stringify({ __CURSOR: 's=1;i=2', __REALTIME_TIMESTAMP: '1700000000123456', ...fields });

it('reads what the node wrote, and what the service manager says of it', () => {
  expect(parseJournalEntry(entry({ SYSLOG_IDENTIFIER: 'node', PRIORITY: '6', MESSAGE: '{"level":40,"time":1699999999000,"part":"mesh","msg":"link lost"}' }), 5))
    .toMatchObject({ cursor: 's=1;i=2', line: { at: 1_699_999_999_000, level: 'warn', topic: 'mesh', text: 'link lost' } });
  expect(parseJournalEntry(entry({ SYSLOG_IDENTIFIER: 'systemd', PRIORITY: '3', MESSAGE: 'Failed to start it' }), 5)?.line)
    .toEqual({ at: 1_700_000_000_123, level: 'error', topic: 'systemd', text: 'Failed to start it' });
});

it('keeps a line that is no UTF-8 or too long, and leaves out what is no entry', () => {
  expect(parseJournalEntry(entry({ MESSAGE: [102, 97, 116, 97, 108, 32, 255] }), 5)?.line).toMatchObject({ level: 'error', topic: 'output', text: 'fatal �' });
  expect(parseJournalEntry(entry({ MESSAGE: null }), 5)?.line.text).toContain('too long');
  for (const text of ['', 'not json', '[]', '{"MESSAGE":"without a cursor"}']) expect(parseJournalEntry(text, 5)).toBeNull();
});

it('goes on after the last entry that is known, and never lets words be read as options or shell', () => {
  expect(followJournal('u.service', null)).toMatchObject({ args: ['--unit', 'u.service', '--follow', '--no-pager', '--quiet', '--output', 'json', '--lines', '200'] });
  expect(followJournal('u.service', 's=1')).toMatchObject({ args: expect.arrayContaining(['--after-cursor', 's=1', '--no-tail']) as string[] });
  expect(journalLines('u.service', { lines: 5, search: undefined, since: 1999 })).toMatchObject({ args: ['--unit', 'u.service', '--no-pager', '--quiet', '--output', 'cat', '--lines', '5', '--since', '@1'] });
  const searched = journalLines('u.service', { lines: 5, search: '-v $(reboot)', since: undefined });
  expect(searched).toMatchObject({ args: ['u.service', '5', '-v $(reboot)', ''] });
  expect('script' in searched && searched.script).toContain('grep -iF -e "$words"');
});
