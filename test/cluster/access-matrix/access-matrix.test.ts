import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from 'undici';
import { formats } from '../../../server-bundle/formats/index.ts';
import { actions, type Action } from '../../../server-bundle/security/principal.ts';
import { startLoneNode, type LoneNode, type Route } from '../edge/lone-node.ts';
import { operations, type Asked, type Operation, type RepositoryClass } from './operations.ts';
import { filteredLists, forEverybody, forWhoHasLoggedIn } from './other-routes.ts';

let node: LoneNode;
const admin = { user: 'admin', password: 'correct horse battery' };
const password = 'a long enough password';
const json = { 'content-type': 'application/json' };
const classes: readonly RepositoryClass[] = ['local', 'remote', 'virtual'];
interface Repository { readonly key: string; readonly packageType: string; readonly rclass: RepositoryClass; readonly local: string }
const repositories: Repository[] = [];
async function send(user: string, { method, path, headers, body }: Asked): Promise<{ status: number; text: string }> {
  const authorization = `Basic ${Buffer.from(`${user}:${user === 'admin' ? admin.password : password}`).toString('base64')}`;
  const answer = await request(`http://127.0.0.1:${String(node.port)}${path}`, { method: method as 'GET', headers: { authorization, ...headers }, body: body ?? null });
  return { status: answer.statusCode, text: await answer.body.text() };
}
const byAdmin = async (method: string, path: string, body: unknown): Promise<void> => {
  const answer = await send('admin', { method, path: `/artifactory/api${path}`, headers: json, body: JSON.stringify(body) });
  expect([method, path, answer.status < 300, answer.text]).toEqual([method, path, true, answer.text]);
};

/** The most exact pattern that takes the address. */
function routeOf(method: string, path: string): Route | undefined {
  const [address = ''] = path.split('?', 1);
  const taking = node.routes.filter((route) => route.method === method && new RegExp(`^${route.url.replace(/[.]/g, '\\.').replace(/:[^/]+/g, '[^/]+').replace(/\*$/, '.*')}$`).test(address));
  const exactness = ({ url }: Route): string => url.split('/').map((part) => (part === '*' ? '0' : part.startsWith(':') ? '1' : '2')).join('');
  return taking.sort((a, b) => (exactness(a) < exactness(b) ? 1 : -1))[0];
}

const users: Record<string, readonly Action[]> = {
  nobody: [], everything: actions,
  ...Object.fromEntries(actions.map((action) => [`all-but-${action}`, actions.filter((each) => each !== action)])),
};
const exactly = (needs: readonly Action[]): string => `exactly-${[...needs].sort().join('-')}`;
for (const { needs } of operations) users[exactly(needs)] = needs;

beforeAll(async () => {
  node = await startLoneNode();
  // rights are in question here, and not how often somebody may be refused
  await byAdmin('PUT', '/v1/settings/login-lock', { maxFailedLogins: 0 });
  for (const { packageType, remote } of formats) {
    const local = `${packageType}-m-local`;
    for (const rclass of classes) {
      if (rclass === 'remote' && remote === undefined) continue;
      const key = `${packageType}-m-${rclass}`;
      await byAdmin('PUT', `/repositories/${key}`, {
        rclass, packageType, ...(rclass === 'remote' ? { url: 'https://upstream.invalid/', offline: true } : {}),
        ...(rclass === 'virtual' ? { repositories: [local], defaultDeploymentRepo: local } : {}),
      });
      repositories.push({ key, packageType, rclass, local });
    }
  }
  for (const name of Object.keys(users)) await byAdmin('PUT', `/security/users/${name}`, { password, role: 'user' });
  const words = { read: 'read', annotate: 'annotate', deploy: 'write', delete: 'delete', manage: 'manage' } as const;
  await byAdmin('PUT', '/v2/security/permissions/matrix', {
    // virtual repositories are not named: they have the rights of their members
    repo: {
      repositories: repositories.filter(({ rclass }) => rclass !== 'virtual').map(({ key }) => key),
      actions: { users: Object.fromEntries(Object.entries(users).map(([name, granted]) => [name, granted.map((action) => words[action])])) },
    },
  });
});
afterAll(() => node[Symbol.asyncDispose]());

const isFor = ({ formats: only, classes: which }: Operation, { packageType, rclass }: Repository): boolean =>
  only?.includes(packageType) !== false && which?.includes(rclass) !== false;

const isRefusal = (status: number): boolean => status === 401 || status === 403;

async function tryOperation(operation: Operation, repository: Repository, number: number): Promise<string[]> {
  const wrong: string[] = [];
  let count = 0;
  const as = async (user: string): Promise<void> => {
    const allowed = operation.needs.every((action) => users[user]?.includes(action) === true);
    count += 1;
    const item = `i${String(number)}n${String(count)}`;
    for (const prepared of operation.before?.(repository.local, item) ?? []) {
      const answer = await send('admin', prepared);
      // a format may not take the file; then there is nothing to work on, and refusals have to come first all the same
      if (answer.status >= 500) wrong.push(`${repository.key}: ${operation.name}: preparing answered ${String(answer.status)}`);
    }
    const { status, text } = await send(user, operation.ask(repository.key, item));
    // an upstream that is offline is no answer about rights
    if (isRefusal(status) === allowed || status === 500) wrong.push(`${repository.key}: ${operation.name} by ${user}: ${String(status)} ${text.slice(0, 200)}`);
  };
  for (const user of ['nobody', ...actions.map((action) => `all-but-${action}`), exactly(operation.needs), 'everything']) await as(user);
  return wrong;
}

test.each(formats.map(({ packageType }) => packageType))('each operation on %s repositories needs its rights, and no other', async (packageType) => {
  const wrong: string[] = [];
  let number = 0;
  for (const repository of repositories.filter((each) => each.packageType === packageType)) {
    for (const operation of operations) {
      number += 1;
      if (isFor(operation, repository)) wrong.push(...await tryOperation(operation, repository, number));
    }
  }
  expect(wrong).toEqual([]);
});

test('lists and searches show what may be read, and nothing else', async () => {
  await send('admin', { method: 'PUT', path: '/artifactory/maven-m-local/org/listed/app/1.0/app-1.0.jar;listed=yes', body: 'listed' });
  const since = String(Date.now() - 3_600_000);
  const lists = [
    '/repositories', '/search/artifact?name=app*', `/search/checksum?sha256=${createHash('sha256').update('listed').digest('hex')}`, '/search/prop?listed=yes',
    `/search/pattern?pattern=maven-m-local:org/listed/*/*/*.jar`, '/search/gavc?g=org.listed', `/search/creation?from=${since}`, `/search/dates?from=${since}&dateFields=created`, `/search/usage?notUsedSince=${String(Date.now() + 60_000)}`,
    '/search/versions?g=org.listed&a=app', '/search/latestVersion?g=org.listed&a=app',
  ];
  const shown: string[] = [];
  for (const path of lists) {
    const asked = { method: 'GET', path: `/artifactory/api${path}` };
    const reader = await send(exactly(['read']), asked);
    const other = await send('all-but-read', asked);
    const tells = ({ text }: { text: string }): boolean => /"key":"maven-m-local"|app-1\.0\.jar|"1\.0"|^1\.0$/.test(text);
    if (!tells(reader)) shown.push(`${path}: a reader gets ${String(reader.status)} ${reader.text.slice(0, 200)}`);
    if (tells(other) && other.status < 400) shown.push(`${path}: others get ${other.text.slice(0, 200)}`);
  }
  expect(shown).toEqual([]);
});

test('everything else is for administrators, or is known to be for others', async () => {
    const tried = new Set(repositories.flatMap((repository) => operations.filter((operation) => isFor(operation, repository)).map((operation) => {
    const { method, path } = operation.ask(repository.key, 'item');
    return `${method} ${routeOf(method, path)?.url ?? path}`;
  })));
  const open: string[] = [];
  for (const { method, url } of node.routes) {
    const name = `${method} ${url}`;
    if (method === 'HEAD' || tried.has(name) || forEverybody.has(name) || forWhoHasLoggedIn.has(name) || filteredLists.has(name)) continue;
    const path = url.replaceAll(':repository', 'generic-m-local').replaceAll(':key', 'generic-m-local').replaceAll(/:[a-zA-Z]+/g, 'x').replace('*', 'x');
    const hasBody = method !== 'GET' && method !== 'DELETE';
    const { status, text } = await send('everything', { method, path, ...(hasBody ? { headers: json, body: '{}' } : {}) });
    if (status !== 403) open.push(`${name}: ${String(status)} ${text.slice(0, 160)}`);
  }
  expect(open).toEqual([]);
});

test('the lists of other routes name nothing that is not there', () => {
  const present = new Set(node.routes.map(({ method, url }) => `${method} ${url}`));
  expect([...forEverybody, ...forWhoHasLoggedIn, ...filteredLists].filter((name) => !present.has(name))).toEqual([]);
});
