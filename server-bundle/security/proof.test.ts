import { expect, test } from 'vitest';
import type { CacheKey, ReadKey } from '../cluster/ports.ts';
import type { Principal } from './principal.ts';
import { confirmRights, provenBy } from './proof.ts';

/** Reads from a table of answers instead of a cache. */
function reading(answers: Readonly<Record<CacheKey, unknown>>): ReadKey {
  return ((key: CacheKey) => Promise.resolve(answers[key])) as ReadKey;
}

const bob = { name: 'bob', password: 'encoded', email: '', role: 'reader', disabled: false };
const byPassword = (): Principal => provenBy({ name: 'bob', role: 'reader', via: 'password' }, { kind: 'password', encoded: 'encoded' });
const byToken = (): Principal => provenBy({ name: 'bob', role: 'reader', via: 'token' }, { kind: 'token', hash: 'h' });
const token = { id: '1', user: 'bob', description: '', createdAt: new Date(), expiresAt: null };

test('rights that are as they were are confirmed', async () => {
  await confirmRights(reading({ 'user:bob': bob }), byPassword());
  await confirmRights(reading({ 'user:bob': bob, 'token:h': token }), byToken());
  await confirmRights(reading({ 'setting:anonymousRead': true }), provenBy({ name: 'anonymous', role: 'anonymous', via: 'anonymous' }, { kind: 'anonymous' }));
});

test.each([
  ['another password', { 'user:bob': { ...bob, password: 'new' } }],
  ['a disabled user', { 'user:bob': { ...bob, disabled: true } }],
  ['another role', { 'user:bob': { ...bob, role: 'admin' } }],
  ['a deleted user', {}],
])('%s is refused', async (_what, answers) => {
  await expect(confirmRights(reading(answers), byPassword())).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test.each([
  ['a revoked token', { 'user:bob': bob }],
  ['an expired token', { 'user:bob': bob, 'token:h': { ...token, expiresAt: 1 } }],
  ['a token of somebody else', { 'user:bob': bob, 'token:h': { ...token, user: 'eve' } }],
  ['a token of a deleted user', { 'token:h': token }],
])('%s is refused', async (_what, answers) => {
  await expect(confirmRights(reading(answers), byToken())).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test('anonymous read that was switched off is refused', async () => {
  const anonymous = provenBy({ name: 'anonymous', role: 'anonymous', via: 'anonymous' }, { kind: 'anonymous' });
  await expect(confirmRights(reading({ 'setting:anonymousRead': false }), anonymous)).rejects.toMatchObject({ code: 'AUTHENTICATION_REQUIRED' });
});
