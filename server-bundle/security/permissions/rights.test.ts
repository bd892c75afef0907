import { expect, test } from 'vitest';
import type { Account } from '../../metadata/access/accounts.ts';
import { actions, type Action } from '../principal.ts';
import { anyLocal, anyRemote, anyRepository, compileModel } from './access-model.ts';
import { allows, anonymousRights, rightsOf, type Rights } from './rights.ts';
import { narrowingText, parseScope } from './token-scope.ts';

const repositories = [
  { key: 'libs', rclass: 'local', config: null }, { key: 'apps', rclass: 'local', config: null }, { key: 'central', rclass: 'remote', config: null },
  { key: 'all', rclass: 'virtual', config: { repositories: ['libs', 'central'], defaultDeploymentRepo: 'libs' } },
  { key: 'outer', rclass: 'virtual', config: { repositories: ['all'] } },
  { key: 'circle', rclass: 'virtual', config: { repositories: ['circle'] } },
];
const target = (name: string, keys: string[], includes = ['**'], excludes: string[] = []) => ({ name, repositories: keys, includes, excludes });
const model = compileModel({
  groups: [{ name: 'dev', adminPrivileges: false }, { name: 'root', adminPrivileges: true }],
  targets: [
    target('acme', ['libs'], ['org/acme/**'], ['org/acme/secret/**']), target('local', [anyLocal]), target('remote', [anyRemote]), target('any', [anyRepository]),
  ],
  grants: [{ target: 'acme', group: 'dev', actions: ['read', 'deploy', 'delete'] }, { target: 'remote', group: null, actions: ['read'] }],
  repositories,
});
const account = (changes: Partial<Account> = {}): Account => ({ name: 'bob', password: null, email: '', role: 'user', disabled: false, groups: [], grants: [], lockedUntil: null, ...changes });
const rights = (changes: Partial<Account> = {}, scope: string | null = null): Rights => rightsOf(model, account(changes), scope === null ? null : parseScope(scope) ?? null);
const allowedActions = (of: Rights, repository: string | null, path: string | null): Action[] => actions.filter((action) => allows(of, action, repository, path));

test('roles keep their meaning, everywhere', () => {
  for (const [repository, path] of [['libs', 'a'], ['nowhere', 'b'], [null, null], ['all', null]] as const) {
    expect(allowedActions(rights({ role: 'admin' }), repository, path)).toEqual([...actions]);
    expect(allowedActions(rights({ role: 'deployer' }), repository, path)).toEqual(['read', 'annotate', 'deploy', 'delete']);
    expect(allowedActions(rights({ role: 'reader' }), repository, path)).toEqual(['read']);
    expect(allowedActions(rights(), repository, path)).toEqual(repository === null ? ['read'] : []);
  }
});

test('a group gives what its targets say, where they say it', () => {
  const dev = rights({ groups: ['dev'] });
  expect(allowedActions(dev, 'libs', 'org/acme/a.jar')).toEqual(['read', 'deploy', 'delete']);
  expect(allowedActions(dev, 'libs', 'org/acme/secret/a.jar')).toEqual([]);
  expect(allowedActions(dev, 'libs', 'org/other/a.jar')).toEqual([]);
  expect(allowedActions(dev, 'apps', 'org/acme/a.jar')).toEqual([]);
  expect(allowedActions(rights({ groups: ['gone'] }), 'libs', 'org/acme/a.jar')).toEqual([]);
});

test('folders: passed through where something inside may be read, changed as a whole only where all of it may be', () => {
  const dev = rights({ groups: ['dev'] });
  expect(allowedActions(dev, 'libs', null)).toEqual(['read']);
  expect(allowedActions(dev, 'libs', 'org/')).toEqual(['read', 'deploy']);
  expect(allowedActions(dev, 'libs', 'com/')).toEqual([]);
  // a part of it is excluded
  expect(allowedActions(dev, 'libs', 'org/acme/')).toEqual(['read', 'deploy']);
  expect(allowedActions(dev, 'libs', 'org/acme/app/')).toEqual(['read', 'deploy', 'delete']);
  expect(allowedActions(dev, 'libs', 'org/acme/secret/')).toEqual([]);
});

test('ANY, ANY LOCAL and ANY REMOTE', () => {
  const of = (name: string): Rights => rights({ grants: [{ target: name, actions: ['read', 'manage'] }] });
  expect(['libs', 'central', 'all', 'new'].filter((key) => allows(of('local'), 'manage', key, null))).toEqual(['libs']);
  expect(['libs', 'central', 'all', 'new'].filter((key) => allows(of('remote'), 'manage', key, null))).toEqual(['central']);
  expect(['libs', 'central', 'all'].filter((key) => allows(of('any'), 'manage', key, null))).toEqual(['libs', 'central', 'all']);
  expect(allows(of('any'), 'manage', null, null)).toBe(false);
});

test('a virtual repository has the rights of its members, and takes deploys for one of them', () => {
  const dev = rights({ groups: ['dev'] });
  expect(allowedActions(dev, 'all', 'org/acme/a.jar')).toEqual(['read', 'deploy', 'delete']);
  expect(allowedActions(dev, 'all', 'com/a.jar')).toEqual([]);
  expect(allowedActions(dev, 'outer', 'org/acme/a.jar')).toEqual(['read']);
  expect(allowedActions(dev, 'circle', 'org/acme/a.jar')).toEqual([]);
});

test('a group with admin privileges makes administrators', () => {
  expect(rights({ groups: ['root'] }).role).toBe('admin');
  expect(allowedActions(rights({ groups: ['root'] }), null, null)).toEqual([...actions]);
});

test('without credentials there is what is switched on', () => {
  expect(allowedActions(anonymousRights(model, true), 'libs', 'a')).toEqual(['read']);
  expect(allowedActions(anonymousRights(model, false), 'libs', 'a')).toEqual([]);
  expect(allowedActions(anonymousRights(model, false), 'central', 'a')).toEqual(['read']);
});

test('a scope never adds to what its user may', () => {
  const dev = { groups: ['dev'] };
  expect(allowedActions(rights(dev, 'artifact:libs/org/acme/app/**:r,w'), 'libs', 'org/acme/app/a')).toEqual(['read', 'deploy']);
  expect(allowedActions(rights(dev, 'artifact:libs/org/acme/app/**:r,w'), 'libs', 'org/acme/b')).toEqual([]);
  expect(allowedActions(rights(dev, 'artifact:libs:*'), 'libs', 'org/other')).toEqual([]);
  expect(allowedActions(rights(dev, 'artifact:all:r'), 'libs', 'org/acme/a')).toEqual(['read']);
  expect(allowedActions(rights(dev, 'artifact:all:r'), 'all', 'org/acme/a')).toEqual(['read']);
  const admin = rights({ role: 'admin' }, 'artifact:apps:r,w');
  expect([admin.role, allowedActions(admin, 'apps', 'x'), allowedActions(admin, 'libs', 'x'), allowedActions(admin, null, null)]).toEqual(['user', ['read', 'deploy'], [], ['read']]);
});

test('scopes of groups and of administrators hold only as long as the user is in them', () => {
  expect(allowedActions(rights({ role: 'admin' }, 'applied-permissions/groups:dev'), 'libs', 'org/acme/a')).toEqual(['read', 'deploy', 'delete']);
  expect(allowedActions(rights({ role: 'admin' }, 'applied-permissions/groups:dev'), null, null)).toEqual(['read']);
  expect(allowedActions(rights({ role: 'reader', groups: ['dev'] }, 'member-of-groups:dev'), 'apps', 'x')).toEqual([]);
  expect(allowedActions(rights({ role: 'reader' }, 'member-of-groups:dev'), 'libs', 'org/acme/a')).toEqual([]);
  expect(rights({ role: 'admin' }, 'applied-permissions/admin').role).toBe('admin');
  expect(allowedActions(rights({ role: 'deployer' }, 'applied-permissions/admin'), 'libs', 'x')).toEqual([]);
});

test.each(['applied-permissions/roles:a', 'artifact:libs', 'artifact::r', 'artifact:libs:x', 'artifact:libs:r,constructor', 'applied-permissions/user applied-permissions/admin', 'system:metrics:r', 'applied-permissions/groups:'])(
  'the scope %s is none', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

test('a narrowing is read as it was written', () => {
  const text = narrowingText([{ repository: 'libs', pattern: 'a b/**', actions: ['read', 'deploy'] }]);
  const [narrowing] = parseScope(text)?.only ?? [];
  expect([narrowing?.repository, [...narrowing?.actions ?? []], narrowing?.includes[0]?.text]).toEqual(['libs', ['read', 'deploy'], 'a b/**']);
});
