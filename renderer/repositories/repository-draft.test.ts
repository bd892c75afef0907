import { expect, it } from 'vitest';
import { draftOf, draftProblems, emptyDraft, refusedFields, settingsOf } from './repository-draft.ts';

const none = new Set<string>();

it('sends the fields of class and package type, and no others', () => {
  expect(settingsOf({ ...emptyDraft(), key: 'k' })).toEqual({ rclass: 'local', packageType: 'generic', description: '', includesPattern: '**/*', excludesPattern: '' });
  expect(Object.keys(settingsOf({ ...emptyDraft(), packageType: 'maven' }))).toContain('handleSnapshots');
  expect(settingsOf({ ...emptyDraft(), rclass: 'virtual', repositories: ['a', 'b'], defaultDeploymentRepo: 'a', url: 'https://x' })).toEqual({
    rclass: 'virtual', packageType: 'generic', description: '', includesPattern: '**/*', excludesPattern: '', repositories: ['a', 'b'], defaultDeploymentRepo: 'a',
  });
  expect(settingsOf({ ...emptyDraft(), rclass: 'remote', url: ' https://repo.example/npm ', socketTimeoutMillis: '500' })).toMatchObject({ url: 'https://repo.example/npm', socketTimeoutMillis: 500, offline: false });
});

it('keeps a password that is not typed anew, sends a new one, and takes it away with its user', () => {
  const remote = { ...emptyDraft(), rclass: 'remote' as const, url: 'https://x', username: 'u', passwordSet: true };
  expect(settingsOf(remote)).not.toHaveProperty('password');
  expect(settingsOf({ ...remote, password: 'new' })).toMatchObject({ password: 'new' });
  expect(settingsOf({ ...remote, username: '' })).toMatchObject({ password: null });
  const proxied = { ...remote, proxy: 'http://proxy.lan:3128', proxyUsername: 'gate', proxyPasswordSet: true };
  expect(settingsOf(proxied)).not.toHaveProperty('proxyPassword');
  expect(settingsOf({ ...proxied, proxyPassword: 'new' })).toMatchObject({ proxyUsername: 'gate', proxyPassword: 'new' });
  for (const change of [{ proxyUsername: '' }, { proxy: '' }]) expect(settingsOf({ ...proxied, ...change })).toMatchObject({ proxyPassword: null });
});

it('is the same after a round trip', () => {
  const draft = { ...emptyDraft(), key: 'r', rclass: 'remote' as const, packageType: 'npm', url: 'https://x', retrievalCachePeriodSecs: '60' };
  expect(draftOf({ ...settingsOf(draft), key: 'r' })).toEqual(draft);
});

it('says what is wrong beside its field', () => {
  const wrong = (change: Partial<ReturnType<typeof emptyDraft>>): string[] => Object.keys(draftProblems({ ...emptyDraft(), key: 'ok', ...change }, new Set(['taken'])));
  expect(wrong({})).toEqual([]);
  for (const key of ['', '-a', 'a/b', 'API', 'Taken', 'x'.repeat(65)]) expect(wrong({ key }), key).toEqual(['key']);
  expect(wrong({ packageType: 'maven', handleReleases: false, handleSnapshots: false })).toEqual(['handleReleases']);
  for (const url of ['', 'ftp://x', 'x', 'https://u:p@x']) expect(wrong({ rclass: 'remote', url }), url).toEqual(['url']);
  for (const socketTimeoutMillis of ['', '-1', '1.5', '99', 'x']) expect(wrong({ rclass: 'remote', url: 'https://x', socketTimeoutMillis }), socketTimeoutMillis).toEqual(['socketTimeoutMillis']);
  expect(wrong({ rclass: 'virtual', repositories: ['a'], defaultDeploymentRepo: 'b' })).toEqual(['defaultDeploymentRepo']);
  // what another class needs is nobody's problem
  expect(draftProblems({ ...emptyDraft(), key: 'k', url: '', socketTimeoutMillis: 'x' }, none)).toEqual({});
});

it('finds the fields of a refusal', () => {
  expect(refusedFields([{ field: 'url', message: 'm' }, { field: 'repositories.0', message: 'gone' }, { field: 'unknown', message: 'x' }])).toEqual({ url: 'm', repositories: 'gone' });
  expect(refusedFields(undefined)).toEqual({});
});
