import { expect, it } from 'vitest';
import type { FoundCluster } from '../../electron/contract/index.ts';
import { takenOver, workElsewhere } from './adopt-words.ts';

const run: NonNullable<FoundCluster['run']> = { runId: 'r', kind: 'upgrade', to: '1.5.0-77ab03fd', state: 'running', startedBy: 'tom on laptop', holder: 'tom on laptop', startedAt: 0, holderUntil: 50_000, asOf: 40_000, done: 1, nodes: 3 };
const quiet = { run: null, lockedBy: null, halfReplaced: [] };

it('says nothing when nothing is under way', () => {
  expect(workElsewhere(quiet, 0)).toEqual([]);
});

it('offers a run only when nobody carries it out', () => {
  expect(workElsewhere({ ...quiet, run }, 60_000)[0]).toContain('is carried out by tom on laptop: 1 of 3 nodes done');
  for (const free of [{ ...run, state: 'interrupted' as const }, { ...run, state: 'paused' as const }, { ...run, holderUntil: 39_000 }]) expect(workElsewhere({ ...quiet, run: free }, 60_000)[0]).toContain('It can be taken over on the Upgrade screen');
});

it('names secrets that are half replaced, and whoever has locked the host', () => {
  expect(workElsewhere({ run: null, lockedBy: 'eve on desk', halfReplaced: ['database-password'] }, 0)).toEqual([expect.stringContaining('database password is half replaced'), 'Somebody works on this host: eve on desk.']);
});

it('names the hosts that are added', () => {
  const node = (nodeId: string, host: FoundCluster['nodes'][number]['host']) => ({ nodeId, address: nodeId, observed: 'serving', version: '1', master: false, host });
  expect(takenOver({ state: 'new', nodes: [node('a', { hostId: 'h', name: 'a' }), node('b', null)] })[1]).toContain('One host, with the sign-in of the one that you chose: b.');
  expect(takenOver({ state: 'known', nodes: [node('a', { hostId: 'h', name: 'a' })] })[1]).toBe('No host: all of them are known here.');
});
