import { expect } from 'vitest';
import { text, time, uri, type Example, type Examples } from '../example.ts';

const password = 'a long enough password';
const user = { ask: 'PUT /api/security/users/documented', body: { email: 'documented@example.org', password, groups: ['readers'] }, status: 201 } as const;
const group: Example = { ask: 'PUT /api/security/groups/readers', body: { description: 'read', autoJoin: false }, status: 201 };
const groupAgain: Example = { ...group, status: 200 };
const form = { grant_type: 'client_credentials', scope: 'member-of-groups:readers', username: 'transient', expires_in: 600 };
const asForm = (fields: Readonly<Record<string, string | number>>): Pick<Example, 'headers' | 'body'> => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(Object.entries(fields).map(([key, value]): [string, string] => [key, String(value)])).toString(),
});
const given = { access_token: text, expires_in: 600, scope: 'member-of-groups:readers', token_type: 'Bearer' };
const basic = `Basic ${Buffer.from(`documented:${password}`).toString('base64')}`;

export const access: Examples = {
  'GET /api/security/groups, GET, PUT, POST, DELETE /api/security/groups/{name}': [
    group, groupAgain,
    { ask: 'GET /api/security/groups', status: 200, json: [{ name: 'readers', uri: uri('/api/security/groups/readers') }] },
    { ask: 'POST /api/security/groups/readers', body: { description: 'changed' }, status: 200 },
    { ask: 'GET /api/security/groups/readers?includeUsers=true', status: 200, json: { name: 'readers', description: 'changed', autoJoin: false, adminPrivileges: false, realm: 'internal', userNames: [] } },
    { ask: 'PUT /api/security/groups/short', body: {}, status: 201 },
    { ask: 'DELETE /api/security/groups/short', status: 200, text: "Group 'short' has been removed successfully." },
    { ask: 'GET /api/security/groups/short', status: 404, code: 'GROUP_NOT_FOUND' },
  ],
  'GET /api/security/users, GET, PUT, POST, DELETE /api/security/users/{name}': [
    user,
    { ask: 'GET /api/security/users', status: 200, json: expect.arrayContaining([{ name: 'documented', uri: uri('/api/security/users/documented'), realm: 'internal' }]) as unknown },
    { ask: 'GET /api/security/users/documented', status: 200, json: { name: 'documented', email: 'documented@example.org', admin: false, groups: ['readers'], realm: 'internal', profileUpdatable: true, internalPasswordDisabled: false } },
    { ask: 'POST /api/security/users/documented', body: { email: 'changed@example.org' }, status: 200 },
    { ask: 'PUT /api/security/users/short', body: { password }, status: 201 },
    { ask: 'DELETE /api/security/users/short', status: 200, text: "The user: 'short' has been removed successfully." },
    { ask: 'GET /api/security/users/short', status: 404, code: 'USER_NOT_FOUND' },
  ],
  'POST /api/security/users/authorization/changePassword': [
    { ask: 'PUT /api/security/users/changing', body: { password }, status: 201 },
    { ask: 'POST /api/security/users/authorization/changePassword', headers: { authorization: `Basic ${Buffer.from(`changing:${password}`).toString('base64')}` }, body: { userName: 'changing', oldPassword: password, newPassword1: 'another long password', newPassword2: 'another long password' }, status: 200, text: 'Password has been successfully changed' },
    { ask: 'GET /api/repositories', headers: { authorization: `Basic ${Buffer.from('changing:another long password').toString('base64')}` }, status: 200 },
  ],
  'GET /api/security/permissions, GET, PUT, POST, DELETE /api/security/permissions/{name}': [
    { ask: 'PUT /api/security/permissions/first', body: { name: 'first', includesPattern: 'a/**', excludesPattern: 'a/b/**', repositories: ['generic-local'], principals: { users: { documented: ['r', 'w'] }, groups: { readers: ['r'] } } }, status: 201 },
    { ask: 'GET /api/security/permissions', status: 200, json: expect.arrayContaining([{ name: 'first', uri: uri('/api/security/permissions/first') }]) as unknown },
    { ask: 'GET /api/security/permissions/first', status: 200, json: { name: 'first', includesPattern: 'a/**', excludesPattern: 'a/b/**', repositories: ['generic-local'], principals: { users: { documented: ['r', 'w'] }, groups: { readers: ['r'] } } } },
    { ask: 'POST /api/security/permissions/first', body: { repositories: ['generic-local'] }, status: 409 },
    { ask: 'DELETE /api/security/permissions/first', status: 200, text: "Permission Target 'first' has been removed successfully." },
  ],
  'GET /api/v2/security/permissions, GET, PUT, POST, DELETE /api/v2/security/permissions/{name}': [
    { ask: 'POST /api/v2/security/permissions/second', body: { name: 'second', repo: { 'include-patterns': ['a/**'], repositories: ['generic-local'], actions: { users: { documented: ['read', 'write', 'managedXrayMeta'] } } }, build: { repositories: ['artifactory-build-info'] } }, status: 201 },
    { ask: 'PUT /api/v2/security/permissions/second', body: { repo: { repositories: ['ANY LOCAL'], actions: { groups: { readers: ['read'] } } } }, status: 200 },
    { ask: 'GET /api/v2/security/permissions', status: 200, json: expect.arrayContaining([{ name: 'second', uri: uri('/api/v2/security/permissions/second') }]) as unknown },
    { ask: 'GET /api/v2/security/permissions/second', status: 200, json: { name: 'second', repo: { 'include-patterns': ['**'], 'exclude-patterns': [], repositories: ['ANY LOCAL'], actions: { users: {}, groups: { readers: ['read'] } } } } },
    { ask: 'DELETE /api/v2/security/permissions/second', status: 200 },
    { ask: 'GET /api/v2/security/permissions/second', status: 404 },
  ],
  'GET, POST /api/security/token, POST /api/security/token/revoke': [
    { ask: 'POST /api/security/token', ...asForm(form), status: 200, json: given },
    { ask: 'GET /api/security/token', status: 200, json: { tokens: expect.arrayContaining([expect.objectContaining({ token_id: text, issuer: text, subject: text, expiry: expect.any(Number) as unknown, refreshable: false, issued_at: expect.any(Number) as unknown })]) as unknown } },
    { ask: 'POST /api/security/token/revoke', ...asForm({ token: 'nobody has this' }), status: 404, code: 'TOKEN_NOT_FOUND' },
  ],
  'GET, POST /access/api/v1/tokens, GET, DELETE /access/api/v1/tokens/{id}': [
    { ask: 'POST /access/api/v1/tokens', body: { scope: 'applied-permissions/user', expires_in: 600, description: 'documented' }, status: 200, json: { token_id: text, access_token: text, expires_in: 600, token_type: 'Bearer' } },
    { ask: 'GET /access/api/v1/tokens', status: 200, json: { tokens: expect.arrayContaining([expect.objectContaining({ token_id: text, description: 'documented' })]) as unknown } },
    { ask: 'GET /access/api/v1/tokens/00000000-0000-4000-8000-000000000000', status: 404, code: 'TOKEN_NOT_FOUND' },
    { ask: 'DELETE /access/api/v1/tokens/00000000-0000-4000-8000-000000000000', status: 404, code: 'TOKEN_NOT_FOUND' },
  ],
  'GET, POST, PUT, DELETE /api/security/apiKey, DELETE /api/security/apiKey/{name}': [
    user,
    { ask: 'GET /api/security/apiKey', headers: { authorization: basic }, status: 200, json: {} },
    { ask: 'POST /api/security/apiKey', headers: { authorization: basic }, status: 201, json: { apiKey: text } },
    { ask: 'GET /api/security/apiKey', headers: { authorization: basic }, status: 200, json: { apiKey: null, createdAt: time } },
    { ask: 'PUT /api/security/apiKey', headers: { authorization: basic }, status: 200, json: { apiKey: text } },
    { ask: 'DELETE /api/security/apiKey', headers: { authorization: basic }, status: 200, json: { info: "API key for user: 'documented' has been successfully revoked" } },
    { ask: 'DELETE /api/security/apiKey/documented', status: 200, json: { info: text } },
  ],
  'GET, PUT /api/security/userLockPolicy, GET /api/security/lockedUsers, POST /api/security/unlockUsers/{name}, POST /api/security/unlockUsers, POST /api/security/unlockAllUsers': [
    { ask: 'PUT /api/security/userLockPolicy', body: { enabled: true, loginAttempts: 10 }, status: 200, text: 'UserLockPolicy was successfully updated' },
    { ask: 'GET /api/security/userLockPolicy', status: 200, json: { enabled: true, loginAttempts: 10 } },
    { ask: 'GET /api/security/lockedUsers', status: 200, json: [] },
    user,
    { ask: 'POST /api/security/unlockUsers/documented', status: 200, text: "The user 'documented' was unlocked" },
    { ask: 'POST /api/security/unlockUsers', body: ['documented'], status: 200 },
    { ask: 'POST /api/security/unlockAllUsers', status: 200 },
  ],
  'GET, PUT /api/v1/settings/login-lock': [
    { ask: 'PUT /api/v1/settings/login-lock', body: { maxFailedLogins: 10, minutes: 15 }, status: 200 }, { ask: 'GET /api/v1/settings/login-lock', status: 200, json: { maxFailedLogins: 10, minutes: 15 } },
  ],
  'GET, PUT /api/v1/settings/anonymous-read': [
    { ask: 'PUT /api/v1/settings/anonymous-read', body: { enabled: false }, status: 200 }, { ask: 'GET /api/v1/settings/anonymous-read', status: 200, json: { enabled: false } },
  ],
  'GET /api/v1/access/explain': [{ ask: 'GET /api/v1/access/explain?user=admin&repository=generic-local&path=a&action=delete', status: 200, json: { user: 'admin', action: 'delete', allowed: true } }],
  'GET /api/v1/audit': [
    { ask: 'GET /api/v1/audit?limit=1', status: 200, json: { apiVersion: 1, entries: [{ user: 'admin', result: text }], cursor: text } },
    { ask: 'GET /api/v1/audit?limit=1&format=csv', status: 200, text: /^id,at,user,via,address,/ },
  ],
};
