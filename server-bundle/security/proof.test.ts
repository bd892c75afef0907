import { expect, test } from 'vitest';
import type { CacheKey, ReadKey } from '../cluster/ports.ts';
import type { Account } from '../metadata/access/accounts.ts';
import { authorize, mayRead } from './authorize.ts';
import { compileModel, emptyModel } from './permissions/access-model.ts';
import type { Action, Principal } from './principal.ts';
import { confirmRights, principalBy, type Proof } from './proof.ts';

/** Reads from a table of answers instead of a cache. */
function reading(answers: Readonly<Record<CacheKey, unknown>>): ReadKey {
  return ((key: CacheKey) => Promise.resolve(key === 'access:model' ? answers[key] ?? emptyModel : answers[key])) as ReadKey;
}

const bob: Account = { name: 'bob', password: 'encoded', email: '', role: 'reader', disabled: false, groups: [], grants: [], lockedUntil: null };
const token = { id: '1', user: 'bob', actsAs: 'bob', description: '', createdAt: new Date(), expiresAt: null, scope: null };
const known = { 'user:bob': bob, 'token:h': token, 'setting:anonymousRead': true };
const by = (proof: Proof): Promise<Principal> => principalBy(reading(known), proof);
const byPassword = (): Promise<Principal> => by({ kind: 'password', user: 'bob', encoded: 'encoded' });
const byToken = (): Promise<Principal> => by({ kind: 'token', hash: 'h' });

test('rights that are as they were are confirmed', async () => {
  await confirmRights(reading({ 'user:bob': bob }), await byPassword());
  await confirmRights(reading({ 'user:bob': bob, 'token:h': token }), await byToken());
  await confirmRights(reading({ 'setting:anonymousRead': true }), await by({ kind: 'anonymous' }));
});

test.each([
  ['another password', { 'user:bob': { ...bob, password: 'new' } }],
  ['a disabled user', { 'user:bob': { ...bob, disabled: true } }],
  ['a deleted user', {}],
])('%s is refused', async (_what, answers) => {
  await expect(confirmRights(reading(answers), await byPassword())).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test.each([
  ['a revoked token', { 'user:bob': bob }],
  ['an expired token', { 'user:bob': bob, 'token:h': { ...token, expiresAt: 1 } }],
  ['a token of somebody else', { 'user:bob': bob, 'user:eve': { ...bob, name: 'eve' }, 'token:h': { ...token, user: 'eve', actsAs: 'eve' } }],
  ['a token of a deleted user', { 'token:h': token }],
])('%s is refused', async (_what, answers) => {
  await expect(confirmRights(reading(answers), await byToken())).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test('anonymous read that was switched off is refused', async () => {
  const anonymous = await by({ kind: 'anonymous' });
  await expect(confirmRights(reading({ 'setting:anonymousRead': false }), anonymous)).rejects.toMatchObject({ code: 'AUTHENTICATION_REQUIRED' });
});

const granting = (actions: readonly Action[]): Record<CacheKey, unknown> => ({
  'user:bob': { ...bob, role: 'user', grants: [{ target: 't', actions }] },
  'access:model': compileModel({
    groups: [], grants: [], targets: [{ name: 't', repositories: ['r'], includes: ['a/**'], excludes: [] }], repositories: [{ key: 'r', rclass: 'local', config: null }],
  }),
});

test('what was allowed and is not any more is refused, and later questions get the new answer', async () => {
  const principal = await principalBy(reading(granting(['read', 'deploy'])), { kind: 'password', user: 'bob', encoded: 'encoded' });
  authorize(principal, 'read', 'r', 'a/1');
  await confirmRights(reading(granting(['read'])), principal);
  expect(mayRead(principal, 'r', 'a/1')).toBe(true);
  expect(() => { authorize(principal, 'deploy', 'r', 'a/1'); }).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  await expect(confirmRights(reading(granting(['deploy'])), principal)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('another role is another answer to what was asked, and never a doubt about the credentials', async () => {
  const admin = { ...bob, role: 'admin' };
  const principal = await principalBy(reading({ 'user:bob': admin }), { kind: 'password', user: 'bob', encoded: 'encoded' });
  authorize(principal, 'deploy', 'r', 'a/1');
  await expect(confirmRights(reading({ 'user:bob': bob }), principal)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  // what an administrator is shown without a question of its own
  const silent = await principalBy(reading({ 'user:bob': admin }), { kind: 'password', user: 'bob', encoded: 'encoded' });
  await expect(confirmRights(reading({ 'user:bob': bob }), silent)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const raised = await byPassword();
  authorize(raised, 'read', 'r', 'a/1');
  await confirmRights(reading({ 'user:bob': admin }), raised);
});

test('what was refused before does not stand in the way of what is allowed', async () => {
  const principal = await principalBy(reading(granting(['read'])), { kind: 'password', user: 'bob', encoded: 'encoded' });
  expect(() => { authorize(principal, 'delete', 'r', 'a/1'); }).toThrow();
  await confirmRights(reading(granting(['read', 'annotate'])), principal);
  expect(mayRead(principal, 'r', 'a/1')).toBe(true);
});
