import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import type { Answer, NodeClient } from '../../harness/node-client.ts';

let cluster: TestCluster;
const files: Readonly<Record<string, string>> = {
  'generic-local/tools/Setup-1.0.exe': 'setup',
  'generic-local/docs/setup.txt': 'read me',
  'maven-releases/org/acme/lib/1.0/lib-1.0.jar': 'one',
  'maven-releases/org/acme/lib/1.0/lib-1.0-sources.jar': 'one, sources',
  'maven-releases/org/acme/lib/1.10/lib-1.10.jar': 'ten',
  'maven-releases/org/other/lib/2.0/lib-2.0.jar': 'setup',
  'maven-snapshots/org/acme/lib/1.11-SNAPSHOT/lib-1.11-20260101.120000-1.jar': 'snapshot',
};
const begin = Date.now() - 60_000;

beforeAll(async () => {
  cluster = await startCluster({ balancer: false });
  let index = 0;
  for (const [path, content] of Object.entries(files)) expect((await node(index++).put(`/${path};kind=${path.endsWith('.jar') ? 'jar' : 'other'}`, content)).status).toBe(201);
  expect((await node(0).request('/api/storage/maven-releases/org/acme?properties=team=acme&recursive=0', { method: 'PUT' })).status).toBe(204);
});
afterAll(() => cluster.stop());

const node = (index: number): NodeClient => cluster.nodes[index % cluster.nodes.length]!.client;
/** What every node answers, as paths with their repository. */
async function found(query: string): Promise<string[] | number> {
  const answers = [];
  for (let index = 0; index < 3; index += 1) {
    const answer = await node(index).get(`/api/search/${query}`);
    answers.push(answer.status === 200
      ? (answer.json() as { results: { uri: string }[] }).results.map(({ uri }) => uri.slice(uri.indexOf('/api/storage/') + '/api/storage/'.length))
      : answer.status);
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  return answers[0]!;
}
const named = (...parts: string[]): string[] => Object.keys(files).filter((path) => parts.some((part) => path.includes(part))).sort();
const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

it('finds files by name, checksum, property and coordinates', async () => {
  expect((await found('artifact?name=setup') as string[]).sort()).toEqual(named('Setup', 'setup.txt'));
  expect(await found('artifact?name=*.exe')).toEqual(named('.exe'));
  expect(await found('artifact?name=setup&repos=maven-releases')).toEqual([]);
  for (const algorithm of ['md5', 'sha1', 'sha256']) {
    expect((await found(`checksum?${algorithm}=${digest(algorithm, 'setup')}`) as string[]).sort()).toEqual(named('Setup-1.0', 'lib-2.0'));
  }
  expect(await found(`checksum?sha1=${digest('sha1', 'setup')}&repos=generic-local,none`)).toEqual(named('Setup-1.0'));
  expect((await found('prop?kind=jar') as string[])).toHaveLength(5);
  expect(await found('prop?kind=o*&repos=generic-local')).toHaveLength(2);
  expect(await found('prop?team')).toEqual(['maven-releases/org/acme']);
  expect(await found('prop?kind=jar&team=acme')).toEqual([]);
  expect(await found('gavc?g=org.acme&a=lib&v=1.0')).toEqual(named('lib-1.0'));
  expect(await found('gavc?g=org.acme&a=lib&v=1.0&c=sources')).toEqual(named('lib-1.0-sources'));
  expect(await found('gavc?a=lib&v=1.11-SNAPSHOT')).toEqual(named('1.11-2026'));
  expect(await found('gavc?a=lib&v=1.11-20260101.120000-1')).toEqual(named('1.11-2026'));
  expect((await found('gavc?g=org.*&a=li?') as string[]).sort()).toEqual(named('.jar'));
  expect((await found(`creation?from=${String(begin)}`) as string[])).toHaveLength(7);
  expect(await found(`dates?from=${String(begin)}&to=${String(begin + 1)}&dateFields=created,lastModified`)).toEqual([]);
});

it('answers patterns, versions and details in Artifactory\'s forms', async () => {
  const pattern = (await node(1).get('/api/search/pattern?pattern=maven-releases:org/**/lib-*.jar')).json() as { repoUri: string; files: string[] };
  expect(pattern).toMatchObject({ sourcePattern: 'maven-releases:org/**/lib-*.jar' });
  expect(pattern.repoUri).toMatch(/\/artifactory\/maven-releases$/);
  expect(pattern.files.map((path) => `maven-releases/${path}`)).toEqual(named('maven-releases'));
  expect((await node(2).get('/api/search/versions?g=org.acme&a=lib')).json()).toEqual({ results: [
    { version: '1.11-SNAPSHOT', integration: true }, { version: '1.10', integration: false }, { version: '1.0', integration: false },
  ] });
  expect((await node(0).get('/api/search/latestVersion?g=org.acme&a=lib')).text()).toBe('1.10');
  expect((await node(0).get('/api/search/latestVersion?g=org.acme&a=none')).status).toBe(404);
  const detailed = await node(1).get('/api/search/artifact?name=lib-1.10.jar', { headers: { 'x-result-detail': 'info, properties' } });
  expect(detailed.json()).toMatchObject({ results: [{
    repo: 'maven-releases', path: '/org/acme/lib/1.10/lib-1.10.jar', size: '3', checksums: { sha256: digest('sha256', 'ten') }, properties: { kind: ['jar'] },
  }] });
});

it('takes a virtual repository for its members', async () => {
  expect((await node(0).request('/api/repositories/all-maven', {
    method: 'PUT', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rclass: 'virtual', packageType: 'maven', repositories: ['maven-snapshots', 'maven-releases'] }),
  })).status).toBe(200);
  expect((await found('gavc?g=org.acme&a=lib&repos=all-maven') as string[]).sort()).toEqual(named('org/acme'));
  expect(await found('artifact?name=setup&repos=all-maven')).toEqual([]);
  expect((await node(1).get('/api/storage/all-maven/org/acme/lib/1.0/lib-1.0.jar?properties')).json()).toMatchObject({ properties: { kind: ['jar'] } });
  expect((await node(2).get('/all-maven/org/acme/lib/1.0/lib-1.0.jar;kind=jar')).text()).toBe('one');
  expect((await node(2).get('/all-maven/org/acme/lib/1.0/lib-1.0.jar;kind=other')).status).toBe(404);
});

it('tells each caller only of what he may read', async () => {
  const user = { user: 'uma', password: 'a long password' };
  const json = (path: string, body: unknown): Promise<Answer> => node(0).request(path, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  expect((await json('/api/security/users/uma', { password: user.password, role: 'user' })).status).toBe(201);
  expect((await json('/api/v2/security/permissions/acme', { name: 'acme', repo: {
    repositories: ['maven-releases', 'generic-local'], 'include-patterns': ['org/acme/**', 'docs/**'], actions: { users: { uma: ['read', 'annotate'] } },
  } })).status).toBe(201);
  const seen = async (index: number, query: string): Promise<string[]> => {
    const answer = await node(index).get(`/api/search/${query}`, { as: user });
    expect(answer.status, answer.text()).toBe(200);
    const { results, files: paths } = answer.json() as { results?: { uri: string }[]; files?: string[] };
    return (paths ?? (results ?? []).map(({ uri }) => uri.slice(uri.indexOf('/api/storage/') + '/api/storage/'.length))).sort();
  };
  for (let index = 0; index < 3; index += 1) {
    expect(await seen(index, 'artifact?name=setup')).toEqual(named('docs/setup.txt'));
    expect(await seen(index, `checksum?sha1=${digest('sha1', 'setup')}`)).toEqual([]);
    expect(await seen(index, 'prop?kind=*')).toEqual(named('docs/', 'maven-releases/org/acme'));
    expect(await seen(index, 'gavc?a=lib')).toEqual(named('maven-releases/org/acme'));
    expect(await seen(index, 'pattern?pattern=maven-releases:**')).toEqual(named('maven-releases/org/acme').map((path) => path.slice('maven-releases/'.length)));
    expect(await seen(index, 'pattern?pattern=maven-snapshots:**')).toEqual([]);
    expect(await seen(index, `creation?from=${String(begin)}`)).toEqual(named('docs/', 'maven-releases/org/acme'));
  }
  const annotate = async (path: string): Promise<number> => (await node(1).request(`/api/storage/${path}?properties=seen=1`, { method: 'PUT', as: user })).status;
  expect([await annotate('generic-local/docs'), await annotate('generic-local/docs/setup.txt'), await annotate('generic-local/tools'), await annotate('maven-releases/org')]).toEqual([204, 204, 403, 403]);
  expect((await node(0).delete('/api/v2/security/permissions/acme')).status).toBe(200);
  expect(await seen(2, 'artifact?name=*')).toEqual([]);
});

it('tells nobody of what was deleted, and nothing to whom may not read', async () => {
  expect((await node(0).put('/generic-local/short-lived.txt', 'x')).status).toBe(201);
  expect(await found('artifact?name=short-lived')).toEqual(['generic-local/short-lived.txt']);
  expect((await node(1).delete('/generic-local/short-lived.txt')).status).toBe(204);
  expect(await found('artifact?name=short-lived')).toEqual([]);
  for (const query of ['artifact?name=a', 'prop?kind=jar', 'gavc?a=lib', 'pattern?pattern=generic-local:**', 'versions?g=org.acme&a=lib']) {
    expect((await node(0).get(`/api/search/${query}`, { as: null })).status, query).toBe(401);
  }
});

it.each([
  'artifact', 'artifact?name=', 'artifact?name=%00', 'checksum', 'checksum?sha1=xyz', `checksum?sha1=${'a'.repeat(40)}&md5=${'a'.repeat(32)}`, 'prop', 'prop?a=1&a=2', 'prop?1x=2',
  'pattern', 'pattern?pattern=nocolon', 'gavc', 'gavc?v=1', 'versions?g=a', 'dates', 'dates?from=yesterday', `dates?from=1&dateFields=lastUsed`, 'creation?from=99999999999999999',
])('refuses %s with a code', async (query) => {
  const answer = await node(0).get(`/api/search/${query}`);
  expect([answer.status, (answer.json() as { errors: { code: string }[] }).errors[0]?.code]).toEqual([400, query === 'prop?1x=2' ? 'PROPERTY_INVALID' : 'PARAMETER_INVALID']);
});

it('answers patterns of many wildcards, and soon', async () => {
  expect((await found(`gavc?g=org.acme&a=li${'*'.repeat(300)}`) as string[]).sort()).toEqual(named('org/acme'));
  // a version on which trying every way to match would take longer than anybody lives
  expect((await node(0).put(`/maven-releases/org/acme/long/${'1'.repeat(100)}/long-${'1'.repeat(100)}.jar`, 'long')).status).toBe(201);
  expect((await node(0).get(`/api/search/versions?g=org.acme&a=long&v=${'*1'.repeat(30)}x`, { signal: AbortSignal.timeout(60_000) })).status).toBe(404);
  expect((await node(1).get(`/api/search/versions?g=org.acme&a=long&v=${'*1'.repeat(30)}`)).json()).toMatchObject({ results: [{ version: '1'.repeat(100) }] });
});

it('tells nothing of what the patterns of a repository keep out, as downloads do', async () => {
  const json = { headers: { 'content-type': 'application/json' } };
  expect((await node(0).put('/api/repositories/patterned', JSON.stringify({ rclass: 'local', packageType: 'generic' }), json)).status).toBe(200);
  for (const path of ['open/patterned-1.txt', 'secret/patterned-2.txt']) expect((await node(1).put(`/patterned/${path}`, path)).status).toBe(201);
  const aql = async (): Promise<string[]> => {
    const answer = await node(2).request('/api/search/aql', { method: 'POST', body: 'items.find({"repo":"patterned"}).include("path","name")' });
    return (answer.json() as { results: { path: string; name: string }[] }).results.map(({ path, name }) => `${path}/${name}`).sort();
  };
  expect([await found('artifact?name=patterned-*'), await aql()]).toEqual([['patterned/open/patterned-1.txt', 'patterned/secret/patterned-2.txt'], ['open/patterned-1.txt', 'secret/patterned-2.txt']]);
  expect((await node(0).post('/api/repositories/patterned', { excludesPattern: 'secret/**' })).status).toBe(200);
  expect((await node(1).get('/patterned/secret/patterned-2.txt')).status).toBe(404);
  expect([await found('artifact?name=patterned-*'), await aql()]).toEqual([['patterned/open/patterned-1.txt'], ['open/patterned-1.txt']]);
});
