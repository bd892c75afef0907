import type { GroupSummary, PermissionTarget, TokenSummary, UserSummary } from '../../../electron/contract/index.ts';
import { wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';
import { oddGroups, oddUsers } from './odd-records.ts';

const user = (name: string, email: string, role: UserSummary['role'], groups: string[], more: Partial<UserSummary> = {}): UserSummary => ({ name, email, role, groups, disabled: false, locked: false, hasPassword: true, own: name === 'admin', ...more });
const day = 86_400_000;

/** Users, groups, permission targets, tokens. */
export function fakeAccess(world: FakeWorld): FakePart {
  const odd = world.scenario === 'lan-odd';
  let users: UserSummary[] = [
    user('admin', 'ops@acme.example', 'admin', []),
    user('ci-billing', '', 'user', ['ci'], { hasPassword: false }),
    user('ci-platform', '', 'user', ['ci'], { hasPassword: false }),
    user('j.okafor', 'j.okafor@acme.example', 'user', ['billing']),
    user('m.weber', 'm.weber@acme.example', 'user', ['platform', 'release-managers']),
    user('nexus-import', '', 'deployer', [], { disabled: true }),
    user('s.lindqvist', 's.lindqvist@acme.example', 'reader', ['billing'], { locked: true }),
    ...(odd ? oddUsers() : []),
  ];
  let groups: GroupSummary[] = [
    { name: 'billing', description: 'The billing team', autoJoin: false, adminPrivileges: false, members: ['j.okafor', 's.lindqvist'] },
    { name: 'ci', description: 'Build servers', autoJoin: false, adminPrivileges: false, members: ['ci-billing', 'ci-platform'] },
    { name: 'platform', description: '', autoJoin: false, adminPrivileges: false, members: ['m.weber'] },
    { name: 'readers', description: 'Everybody', autoJoin: true, adminPrivileges: false, members: [] },
    { name: 'release-managers', description: '', autoJoin: false, adminPrivileges: false, members: ['m.weber'] },
    ...(odd ? oddGroups() : []),
  ];
  let targets: PermissionTarget[] = [
    { name: 'ci-deploy', repositories: ['maven-releases', 'maven-snapshots', 'npm-local'], includes: ['**'], excludes: [], grants: [{ kind: 'group', name: 'ci', actions: ['read', 'annotate', 'deploy'] }, { kind: 'group', name: 'release-managers', actions: ['read', 'annotate', 'deploy', 'delete'] }] },
    { name: 'billing-own', repositories: ['maven-releases'], includes: ['com/acme/billing/**'], excludes: ['**/*-sources.jar'], grants: [{ kind: 'group', name: 'billing', actions: ['read', 'deploy'] }, { kind: 'user', name: 's.lindqvist', actions: ['manage'] }] },
    { name: 'everything-readable', repositories: ['ANY'], includes: ['**'], excludes: [], grants: [{ kind: 'group', name: 'readers', actions: ['read'] }] },
  ];
  let tokens: TokenSummary[] = [
    { tokenId: 't1', user: 'ci-billing', description: 'Jenkins, nightly', issuedAt: Date.now() - 40 * day, expiresAt: Date.now() + 325 * day, refreshable: false },
    { tokenId: 't2', user: 'm.weber', description: '', issuedAt: Date.now() - 2 * day, expiresAt: null, refreshable: false },
  ];
  const put = <T extends { readonly name: string }>(list: T[], item: T): T[] => [...list.filter(({ name }) => name !== item.name), item].toSorted((a, b) => a.name.localeCompare(b.name));
  return {
    answers: {
      'users.list': () => users,
      'users.create': async ({ name, email, role, groups: of, password }) => {
        await wait(200);
        users = put(users, user(name, email ?? '', role, of ?? [], { hasPassword: password !== undefined }));
        return {};
      },
      'users.change': ({ name, ...change }) => {
        const present = users.find((each) => each.name === name);
        if (present !== undefined) users = put(users, { ...present, email: change.email ?? present.email, role: change.role ?? present.role, disabled: change.disabled ?? present.disabled, groups: change.groups ?? present.groups });
        return {};
      },
      'users.remove': ({ name }) => {
        users = users.filter((each) => each.name !== name);
        return {};
      },
      'users.unlock': ({ name }) => {
        users = users.map((each) => (each.name === name ? { ...each, locked: false } : each));
        return {};
      },
      'groups.list': () => groups,
      'groups.save': ({ group }) => {
        groups = put(groups, group);
        return {};
      },
      'groups.remove': ({ name }) => {
        groups = groups.filter((each) => each.name !== name);
        return {};
      },
      'permissions.list': () => targets,
      'permissions.save': ({ target }) => {
        targets = put(targets, target);
        return {};
      },
      'permissions.remove': ({ name }) => {
        targets = targets.filter((each) => each.name !== name);
        return {};
      },
      'tokens.list': () => tokens,
      'tokens.create': ({ user: of, description, expiresInSeconds }) => {
        tokens = [...tokens, { tokenId: `t${tokens.length + 1}`, user: of, description: description ?? '', issuedAt: Date.now(), expiresAt: expiresInSeconds === 0 ? null : Date.now() + expiresInSeconds * 1000, refreshable: false }];
        return { tokenId: 'new', accessToken: 'bhk_Zm9yIHRoZSBnYWxsZXJ5IG9ubHksIGFjY2VwdGVkIG5vd2hlcmU', refreshToken: null, expiresInSeconds };
      },
      'tokens.revoke': ({ tokenId }) => {
        tokens = tokens.filter((token) => token.tokenId !== tokenId);
        return {};
      },
      'access.explain': ({ user: of, action, repository, path }) => (of === 'admin'
        ? { allowed: true, shutOut: null, missing: [], reasons: [{ text: `The role admin may ${action} everywhere`, target: null, group: null, repository: null }] }
        : { allowed: false, shutOut: null, reasons: [], missing: [
            { target: 'billing-own', text: `billing-own (the group billing) gives read, deploy, not ${action}` },
            { target: 'ci-deploy', text: `ci-deploy (the group ci) takes **, not ${path === '' || path === undefined ? repository : path}` },
          ] }),
    },
    streams: {},
  };
}
