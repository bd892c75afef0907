import { expect, it } from 'vitest';
import type { RepositoryEffect } from '../../electron/contract/index.ts';
import { lossSentences, removeRepositoryAction } from './repository-actions.ts';

const effect = (change: Partial<RepositoryEffect>): RepositoryEffect => ({ key: 'libs', rclass: 'local', usage: { files: 12, folders: 3, bytes: 4_200_000 }, memberOf: [], deployTargetOf: [], permissions: [], clients: [], ...change });
const now = Date.parse('2026-11-20T12:00:00');

it('names everything that would be lost', () => {
  const sentences = lossSentences(effect({ memberOf: ['all', 'team'], deployTargetOf: ['all'], permissions: ['ci'], clients: [{ user: 'ci', address: '10.0.0.7', lastSeen: new Date(now - 60_000).toISOString() }] }), now);
  expect(sentences.join('\n')).toMatch(/12 files, 4\.2.MB, are gone/);
  expect(sentences).toContain('all, team lose a member: what only libs has is not found there any more.');
  expect(sentences).toContain('Deploys to all fail until another default deployment repository is set.');
  expect(sentences).toContain('1 permission target names it: ci.');
  expect(sentences.at(-1)).toBe('Used lately by ci (10.0.0.7, today 11:59:00).');
});

it('says what is not known instead of saying nothing', () => {
  expect(lossSentences(effect({ usage: null, clients: null, permissions: null }), now)).toEqual(['How much is in it is not known.', 'Who uses it is not known: any client that has its address gets “not found”.']);
});

it('does not frighten for what is not lost', () => {
  expect(lossSentences(effect({ rclass: 'virtual', usage: null }), now)[0]).toBe('Nothing that its members hold is touched; its address stops answering.');
  expect(lossSentences(effect({ rclass: 'remote' }), now)[0]).not.toContain('cannot be undone');
});

it('asks for the key, and waits until it knows what it would break', () => {
  expect(removeRepositoryAction('libs', 'demo', null, null, () => undefined).blocked).toBe('Finding out what it would break');
  expect(removeRepositoryAction('libs', 'demo', effect({}), null, () => undefined)).toMatchObject({ blocked: null, question: { typed: 'libs' } });
});
