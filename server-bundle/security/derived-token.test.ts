import { expect, test } from 'vitest';
import type { CacheKey, ReadKey } from '../cluster/ports.ts';
import { mayRead } from './authorize.ts';
import { deriveToken, looksDerived, readDerived } from './derived-token.ts';
import { emptyModel } from './permissions/access-model.ts';
import { principalBy } from './proof.ts';
import { ClusterKeys } from './rotating-secrets.ts';

const keys = new ClusterKeys([Buffer.alloc(32, 1)]);
const bob = { name: 'bob', password: 'encoded', email: '', role: 'admin', disabled: false, groups: [], grants: [], lockedUntil: null };
const reading = (answers: Readonly<Record<CacheKey, unknown>>): ReadKey => ((key: CacheKey) => Promise.resolve(key === 'access:model' ? emptyModel : answers[key])) as ReadKey;
const now = reading({ 'user:bob': bob, 'setting:anonymousRead': true });

async function mint(seconds = 60): Promise<string> {
  const principal = await principalBy(now, { kind: 'password', user: 'bob', encoded: 'encoded' });
  return deriveToken(keys, principal, [{ repository: 'r', pattern: 'app/**', actions: ['read'] }], seconds) ?? '';
}

test('a derived token carries a part of what it stands on', async () => {
  const token = await mint();
  expect(looksDerived(token)).toBe(true);
  const principal = await principalBy(now, readDerived(keys, token)!);
  expect([principal.name, principal.role, principal.via]).toEqual(['bob', 'user', 'token']);
  expect([mayRead(principal, 'r', 'app/x'), mayRead(principal, 'r', 'other'), mayRead(principal, 's', 'app/x')]).toEqual([true, false, false]);
  // nothing further is derived of it
  expect(deriveToken(keys, principal, [{ repository: 'r', pattern: '**', actions: ['read'] }], 60)).toBeUndefined();
});

test.each([
  ['another password', { 'user:bob': { ...bob, password: 'new' } }],
  ['a disabled user', { 'user:bob': { ...bob, disabled: true } }],
  ['no such user', {}],
])('falls with %s', async (_what, answers) => {
  await expect(principalBy(reading(answers), readDerived(keys, await mint())!)).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test('stands on nobody in particular while that is allowed', async () => {
  const anonymous = await principalBy(now, { kind: 'anonymous' });
  const proof = readDerived(keys, deriveToken(keys, anonymous, [{ repository: 'r', pattern: '**', actions: ['read'] }], 60) ?? '')!;
  expect(mayRead(await principalBy(now, proof), 'r', 'x')).toBe(true);
  await expect(principalBy(reading({}), proof)).rejects.toMatchObject({ code: 'AUTHENTICATION_REQUIRED' });
});

test('is none when it has expired, was changed, or another cluster made it', async () => {
  const token = await mint();
  expect(readDerived(keys, await mint(0))).toBeUndefined();
  const changed = Buffer.from(token.slice(4).split('.')[0] ?? '', 'base64url').toString().replace('app/', 'a/');
  expect(readDerived(keys, `bhd_${Buffer.from(changed).toString('base64url')}.${token.split('.')[1] ?? ''}`)).toBeUndefined();
  expect(readDerived(new ClusterKeys([Buffer.alloc(32, 2)]), token)).toBeUndefined();
  expect(readDerived(new ClusterKeys([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]), token)).toBeDefined();
});
