import { formatBytes } from '../format/numbers.ts';
import { countOf } from '../format/numbers.ts';
import type { Tone } from '../format/states.ts';
import type { Upload } from '../stores/uploads.ts';

/** How an upload stands, in words. */
export function uploadWord({ state, sent, size, meanwhile }: Pick<Upload, 'state' | 'sent' | 'size' | 'meanwhile'>): { word: string; tone: Tone } {
  switch (state) {
    case 'checking': return { word: 'looking what is there', tone: 'unknown' };
    case 'waiting': return { word: `waits, ${formatBytes(size)}`, tone: 'unknown' };
    case 'sending': return { word: sent >= size ? 'stored bytes are being checked' : `${formatBytes(sent)} of ${formatBytes(size)}`, tone: 'neutral' };
    case 'conflict': return { word: meanwhile ? 'a file with this name came meanwhile; it was not replaced' : 'there is a file with this name', tone: 'warn' };
    case 'done': return { word: `${formatBytes(size)} stored and checked`, tone: 'ok' };
    case 'failed': return { word: 'not stored', tone: 'bad' };
    case 'skipped': return { word: 'skipped, the file there stays', tone: 'off' };
    case 'cancelled': return { word: 'cancelled, nothing of it is kept', tone: 'off' };
  }
}

/** What all of them come to: "2 of 5 stored, 1 waits for you". */
export function uploadSummary(list: readonly Pick<Upload, 'state'>[]): string {
  const count = (...states: Upload['state'][]): number => list.filter(({ state }) => states.includes(state)).length;
  const parts = [`${count('done')} of ${countOf(list.length, 'file')} stored`];
  if (count('conflict') > 0) parts.push(`${count('conflict')} ${count('conflict') === 1 ? 'waits' : 'wait'} for your word`);
  if (count('failed') > 0) parts.push(`${count('failed')} failed`);
  return parts.join(', ');
}
