import { expect, test } from 'vitest';
import type { Account } from '../metadata/access/accounts.ts';
import { authorizeOneOf } from './authorize.ts';
import { decisionsAbout, holdRights } from './held-rights.ts';
import { compileModel } from './permissions/access-model.ts';
import { rightsOf } from './permissions/rights.ts';
import type { Principal } from './principal.ts';

const model = compileModel({
  groups: [], grants: [],
  targets: [{ name: 'exact', repositories: ['libs'], includes: ['a/one.txt'], excludes: [] }],
  repositories: [{ key: 'libs', rclass: 'local', config: null }],
});
const account: Account = { name: 'flo', password: null, email: '', role: 'user', disabled: false, groups: [], grants: [{ target: 'exact', actions: ['delete'] }], lockedUntil: null };

test('of several things that a path may mean one has to be allowed; how it was named gives nothing, and is what a refusal tells', () => {
  const flo: Principal = { name: 'flo', role: 'user', via: 'password' };
  holdRights(flo, rightsOf(model, account, null));
  expect(authorizeOneOf(flo, 'delete', 'libs', 'a/one.txt', ['a/one.txt/', 'a/one.txt'])).toBe('a/one.txt');
  expect(() => authorizeOneOf(flo, 'delete', 'libs', 'a/one.txt', ['a/one.txt/'])).toThrow('flo (user) may not delete in libs/a/one.txt');
  const noted = { action: 'delete', repository: 'libs', path: 'a/one.txt' };
  expect(decisionsAbout(flo)).toEqual([{ ...noted, allowed: true }, { ...noted, allowed: false }]);
});
