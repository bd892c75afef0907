import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openState, type State } from '../state/index.ts';
import { Journal, type NewEntry } from './index.ts';

let folder: string;
let state: State;
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-journal-'));
  state = openState(folder);
  journal = new Journal(state);
});
afterEach(() => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
});

const entry = (more: Partial<NewEntry> = {}): NewEntry => ({
  clusterId: 'demo', source: 'observed', severity: 'info', type: 'node.down', nodeId: 'node-1', message: 'node-1 is down', detail: {}, ...more,
});

it('writes each event of a cluster once, also when two shells follow it', () => {
  const origin = { cluster: '6f1c', seq: 4 };
  const other = new Journal(openState(folder));
  expect(journal.write(entry({ source: 'cluster', origin }))).toMatchObject({ id: 1 });
  expect(other.write(entry({ source: 'cluster', origin }))).toBeNull();
  expect(other.write(entry({ source: 'cluster', origin: { cluster: 'other', seq: 4 } }))).not.toBeNull();
  expect(journal.lastSeq('6f1c')).toBe(4);
  expect(journal.lastSeq('unheard-of')).toBe(0);
});

it('lists newest first, in pages, by filter', () => {
  for (let n = 1; n <= 5; n += 1) journal.write(entry({ message: `entry ${n}`, severity: n % 2 === 0 ? 'bad' : 'info', detail: { n } }));
  const first = journal.list({ limit: 2 });
  expect(first).toMatchObject({ more: true, entries: [{ message: 'entry 5', detail: { n: 5 } }, { message: 'entry 4' }] });
  expect(journal.list({ limit: 3, before: first.entries[1]?.id })).toMatchObject({ more: false, entries: [{ id: 3 }, { id: 2 }, { id: 1 }] });
  expect(journal.list({ limit: 9, severity: 'bad' }).entries).toHaveLength(2);
  expect(journal.list({ limit: 9, nodeId: 'node-2' }).entries).toHaveLength(0);
  expect(journal.list({ limit: 9, clusterId: 'lan' }).entries).toHaveLength(0);
});

it('searches text literally', () => {
  journal.write(entry({ message: 'disk 100% full' }));
  journal.write(entry({ message: 'disk 100 MB full' }));
  expect(journal.list({ limit: 9, text: '100%' }).entries).toHaveLength(1);
  expect(journal.list({ limit: 9, text: '%' }).entries).toHaveLength(1);
});

it('tells watchers what is written from now on, until they leave', async () => {
  journal.write(entry({ message: 'earlier' }));
  const abort = new AbortController();
  const seen: string[] = [];
  const watch = journal.watch('demo', abort.signal);
  journal.write(entry({ message: 'one' }));
  journal.write(entry({ message: 'of another cluster', clusterId: 'lan' }));
  journal.write(entry({ message: 'two' }));
  for await (const { message } of watch) {
    seen.push(message);
    if (seen.length === 2) abort.abort();
  }
  expect(seen).toEqual(['one', 'two']);
});
