import type { Json } from '../mutation.ts';
import { ask, json, local, part, root, type Target, text } from '../target.ts';

const documents: readonly (readonly [method: string, target: string, sample: Json])[] = [
  ['PUT', '/api/repositories/fz-made', { rclass: 'local', packageType: 'maven', description: 'x', includesPattern: '**/*', excludesPattern: '', handleReleases: true, maxUniqueSnapshots: 3, snapshotVersionBehavior: 'unique' }],
  ['PUT', '/api/repositories/fz-made-remote', { rclass: 'remote', packageType: 'npm', url: 'http://127.0.0.1:1/', username: 'u', password: 'p', retrievalCachePeriodSecs: 10, socketTimeoutMillis: 1000 }],
  ['POST', '/api/repositories/fz-made', { description: 'y', excludesPattern: '**/z' }],
  ['PUT', '/api/v2/repositories/batch', [{ key: 'fz-batch', rclass: 'local', packageType: 'generic' }]],
  ['PUT', '/api/security/users/fuzzed', { email: 'a@example.org', password: 'Passw0rd-Passw0rd', admin: false, groups: ['readers'], disableUIAccess: true }],
  ['PUT', '/api/security/groups/fuzzed', { description: 'x', autoJoin: false, adminPrivileges: false, userNames: ['fuzzed'] }],
  ['PUT', '/api/v2/security/permissions/fuzzed', { name: 'fuzzed', repo: { repositories: [local.generic], 'include-patterns': ['**'], 'exclude-patterns': [''], actions: { users: { fuzzed: ['read', 'write'] }, groups: {} } } }],
  ['PUT', '/api/security/permissions/fuzzed1', { name: 'fuzzed1', includesPattern: '**', excludesPattern: '', repositories: [local.generic], principals: { users: { fuzzed: ['r', 'w'] }, groups: {} } }],
  ['PUT', '/api/build', { name: 'fuzz', number: '1', started: '2026-01-01T00:00:00.000+0000', modules: [{ id: 'a:b:1', artifacts: [{ type: 'jar', sha1: '0'.repeat(40), md5: '0'.repeat(32), name: 'b.jar' }] }], properties: { a: 'b' } }],
  ['POST', '/api/security/token', { username: 'fuzzed', scope: 'member-of-groups:readers', expires_in: 60 }],
  ['POST', '/api/v1/cluster/alerts/mutes', { rule: 'x', nodeId: null, minutes: 1, reason: 'x' }],
  ['POST', `/api/npm/${local.npm}/-/npm/v1/security/advisories/bulk`, { fuzz: ['1.0.0'] }],
  ['POST', `/api/npm/${local.npm}/-/npm/v1/security/audits/quick`, { name: 'x', requires: {}, dependencies: {} }],
  ['PUT', `/api/npm/${local.npm}/-/user/org.couchdb.user:fuzzed`, { _id: 'org.couchdb.user:fuzzed', name: 'fuzzed', password: 'x', type: 'user', roles: [] }],
  ['POST', `/api/npm/${local.npm}/-/npm/v1/tokens`, { password: 'x', readonly: false, cidr_whitelist: [] }],
  ['POST', `/api/pypi/${local.pypi}/fuzz/1.0/yank`, { reason: 'x', files: ['a.whl'] }],
];

/** JSON that the REST calls take, and the names in their addresses. */
export const jsonDocuments: Target = (mutation) => {
  const [method, target, sample] = mutation.random.pick(documents)!;
  const cut = target.lastIndexOf('/');
  const address = mutation.chance(0.15) ? `${target.slice(0, cut + 1)}fz${part(mutation, mutation.odd())}` : target;
  const headers = mutation.chance(0.1) ? [['Content-Type', mutation.text('application/json')] as const] : json;
  return ask(method, root + address, { headers, body: text(mutation.jsonText(sample)) });
};

const queries = ['/api/v1/audit?limit=10&from=2026-01-01T00:00:00Z&user=admin', '/api/v1/tasks?limit=5&kind=gc', '/api/v1/cluster/events?after=1', '/api/v1/access/explain?user=fuzzed&action=read&repository=generic-local&path=a', '/api/repositories?type=local&packageType=npm', `/api/npm/${local.npm}/-/v1/search?text=fuzz&size=5&from=0`, `/api/copy/${local.generic}/a/b.txt?to=/${local.generic}/c/d.txt&dry=1`, '/api/storageinfo'];

/** Queries of calls that read. */
export const queryStrings: Target = (mutation) => {
  const sample = mutation.random.pick(queries)!;
  const [path = '', query = ''] = sample.split('?');
  const pairs = query.split('&').map((pair) => {
    const [name = '', value = ''] = pair.split('=');
    return `${mutation.chance(0.1) ? part(mutation, mutation.text(name)) : name}=${part(mutation, mutation.maybe(value, 0.5))}`;
  });
  if (path.endsWith('/events')) return ask('HEAD', `${root}/api/system/ping?${pairs.join('&')}`);
  return ask(path.includes('/copy/') ? 'POST' : 'GET', `${root}${path}?${pairs.join('&')}`);
};
