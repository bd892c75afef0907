import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { startForgetfulFront, type ForgetfulFront } from '../harness/forgetful-front.ts';
import { freePort } from '../harness/free-port.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { pause } from '../harness/wait-for.ts';
import { writePackage } from './npm/project.ts';
import { NpmHome, type NpmResult } from './npm/run-npm.ts';
import { keepKilling } from './restless-nodes.ts';

let cluster: TestCluster;
let folder: TemporaryFolder;
let front: ForgetfulFront;
let address: string;
let home: NpmHome;

const registryOf = (key: string): string => `${address}/artifactory/api/npm/${key}/`;

beforeAll(async () => {
  const port = await freePort();
  address = `http://127.0.0.1:${String(port)}`;
  front = await startForgetfulFront(port, () => cluster.balancer.url);
  cluster = await startCluster({ config: { baseUrl: address } });
  folder = await temporaryFolder('npm-client');
  await repository('npm-local', { rclass: 'local', packageType: 'npm' });
  home = await NpmHome.create(join(folder.path, 'home'), registryOf('npm-local'), [NpmHome.basic(registryOf('npm-local'), cluster.admin)]);
});

afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await folder.remove();
  await cluster.stop();
});

async function repository(key: string, json: Readonly<Record<string, unknown>>): Promise<void> {
  const made = await cluster.balancer.client.put(`/api/repositories/${key}`, JSON.stringify(json), { headers: { 'content-type': 'application/json' } });
  expect(made.status, made.text()).toBe(200);
}

async function npm(cwd: string, ...args: string[]): Promise<NpmResult> {
  return npmAs(home, cwd, ...args);
}

async function npmAs(who: NpmHome, cwd: string, ...args: string[]): Promise<NpmResult> {
  const result = await who.run(cwd, args);
  expect(result, `npm ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toMatchObject({ exitCode: 0 });
  return result;
}

type Manifest = Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string };

async function source(manifest: Manifest): Promise<string> {
  return writePackage(join(folder.path, 'packages', manifest.name, manifest.version), manifest, {
    'index.js': `module.exports = ${JSON.stringify(manifest.version)};\n`, 'README.md': `# ${manifest.name} ${manifest.version}\n`,
  });
}

async function publish(manifest: Manifest, ...args: string[]): Promise<void> {
  await npm(await source(manifest), 'publish', ...args);
}

async function view(what: string, field: string): Promise<unknown> {
  const { stdout } = await npm(folder.path, 'view', what, field, '--json');
  return stdout.trim() === '' ? undefined : JSON.parse(stdout) as unknown;
}

it('publishes, installs and installs again from the lock file, each request on another node', async () => {
  await publish({ name: 'leaf', version: '1.0.0', description: 'a leaf', license: 'MIT' });
  await publish({ name: '@acme/tree', version: '1.0.0', dependencies: { leaf: '^1.0.0' }, bin: { tree: 'index.js' } });
  const app = await writePackage(join(folder.path, 'app'), { name: 'app', version: '0.0.1', private: true });
  await npm(app, 'install', '@acme/tree');
  expect(await readFile(join(app, 'node_modules/leaf/index.js'), 'utf8')).toContain('1.0.0');
  const lock = JSON.parse(await readFile(join(app, 'package-lock.json'), 'utf8')) as { packages: Record<string, { resolved?: string; integrity?: string }> };
  expect(lock.packages['node_modules/@acme/tree']).toMatchObject({
    resolved: `${registryOf('npm-local')}@acme/tree/-/@acme/tree-1.0.0.tgz`, integrity: expect.stringMatching(/^sha512-/) as unknown,
  });
  await npm(app, 'ci');
  expect(await readFile(join(app, 'node_modules/@acme/tree/package.json'), 'utf8')).toContain('leaf');
  expect(new Set(front.passed.map(({ node }) => node))).toEqual(new Set(['n1', 'n2', 'n3']));
});

it('refuses a version that is there, and shows why', async () => {
  const again = await home.run(await source({ name: 'leaf', version: '1.0.0', description: 'another leaf' }), ['publish']);
  expect(again.exitCode).not.toBe(0);
  expect(again.stderr).toMatch(/E403|EPUBLISHCONFLICT|cannot publish over/i);
  expect(await view('leaf', 'description')).toBe('a leaf');
});

it('tags, deprecates, takes versions and packages back', async () => {
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1']) await publish({ name: '@acme/tags', version }, '--tag', version.includes('rc') ? 'next' : 'latest');
  expect(await view('@acme/tags', 'dist-tags')).toEqual({ latest: '1.1.0', next: '2.0.0-rc.1' });
  await npm(folder.path, 'dist-tag', 'add', '@acme/tags@1.0.0', 'stable');
  expect((await npm(folder.path, 'dist-tag', 'ls', '@acme/tags')).stdout.trim().split('\n').sort()).toEqual(['latest: 1.1.0', 'next: 2.0.0-rc.1', 'stable: 1.0.0']);
  await npm(folder.path, 'dist-tag', 'rm', '@acme/tags', 'stable');

  await npm(folder.path, 'deprecate', '@acme/tags@<1.1.0', 'use 1.1');
  expect(await view('@acme/tags@1.0.0', 'deprecated')).toBe('use 1.1');
  expect(await view('@acme/tags@1.1.0', 'deprecated')).toBeUndefined();
  await npm(folder.path, 'deprecate', '@acme/tags@1.0.0', '');
  expect(await view('@acme/tags@1.0.0', 'deprecated')).toBeUndefined();

  await npm(folder.path, 'unpublish', '@acme/tags@1.1.0');
  expect(await view('@acme/tags', 'versions')).toEqual(['1.0.0', '2.0.0-rc.1']);
  expect((await cluster.balancer.client.get('/api/npm/npm-local/@acme/tags/-/@acme/tags-1.1.0.tgz')).status).toBe(404);
  await npm(folder.path, 'unpublish', '--force', '@acme/tags');
  expect((await home.run(folder.path, ['view', '@acme/tags'])).stderr).toContain('E404');
  // what was taken back may come again, here at least
  await publish({ name: '@acme/tags', version: '1.1.0' });
  expect(await view('@acme/tags', 'dist-tags')).toEqual({ latest: '1.1.0' });
});

it('finds packages page by page', async () => {
  for (const [name, description] of [['find-one', 'walks through zebras'], ['find-two', 'counts zebras'], ['other', 'nothing']] as const) {
    await publish({ name, version: '1.0.0', description, keywords: ['searchable'] });
  }
  const found = JSON.parse((await npm(folder.path, 'search', '--json', 'zebra')).stdout) as { name: string; version: string }[];
  expect(found.map(({ name }) => name).sort()).toEqual(['find-one', 'find-two']);
  const page = (await cluster.balancer.client.get('/api/npm/npm-local/-/v1/search?text=searchable&size=2&from=2')).json() as { total: number; objects: { package: { name: string } }[] };
  expect(page.total).toBe(3);
  expect(page.objects).toHaveLength(1);
});

it('logs in by name and password, knows who it is, makes and revokes tokens', async () => {
  const created = await cluster.balancer.client.put('/api/security/users/nora', JSON.stringify({ name: 'nora', password: 'a long password', email: 'nora@example.org', admin: false, role: 'deployer' }), { headers: { 'content-type': 'application/json' } });
  expect(created.status, created.text()).toBeLessThan(300);
  const nora = await NpmHome.create(join(folder.path, 'nora'), registryOf('npm-local'));
  expect((await nora.run(folder.path, ['whoami'])).stderr).toContain('ENEEDAUTH');
  const login = await nora.answer(folder.path, ['login', '--auth-type=legacy'], [['Username', 'nora'], ['Password', 'a long password']]);
  expect(login, `${login.stdout}\n${login.stderr}`).toMatchObject({ exitCode: 0 });
  expect((await npmAs(nora, folder.path, 'whoami')).stdout.trim()).toBe('nora');
  expect((await npmAs(nora, folder.path, 'profile', 'get', '--json')).stdout).toContain('nora@example.org');
  await npmAs(nora, await source({ name: 'by-nora', version: '1.0.0' }), 'publish');
  expect(await view('by-nora', '_npmUser.name')).toBe('nora');
  const tokens = JSON.parse((await npmAs(nora, folder.path, 'token', 'list', '--json')).stdout) as { key: string }[];
  expect(tokens).toHaveLength(1);
  await npmAs(nora, folder.path, 'logout');
  expect((await nora.run(folder.path, ['whoami'])).exitCode).not.toBe(0);
});

it('audits and pings', async () => {
  const app = join(folder.path, 'app');
  expect((await npm(app, 'audit')).stdout).toContain('found 0 vulnerabilities');
  await npm(app, 'ping');
});

it('tells who may do what, and refuses what is a matter of permissions', async () => {
  for (const name of ['@acme/shared', 'unscoped']) await publish({ name, version: '1.0.0' });
  const json = { headers: { 'content-type': 'application/json' } };
  const { client } = cluster.balancer;
  expect((await client.put('/api/security/users/nina', JSON.stringify({ password: 'a long enough password', role: 'user' }), json)).status).toBe(201);
  const team = { repo: { repositories: ['npm-local'], 'include-patterns': ['@acme/**'], actions: { users: { nina: ['read'] } } } };
  expect((await client.put('/api/v2/security/permissions/nina', JSON.stringify(team), json)).status).toBe(201);
  const nina = await NpmHome.create(join(folder.path, 'nina'), registryOf('npm-local'), [NpmHome.basic(registryOf('npm-local'), { user: 'nina', password: 'a long enough password' })]);

  const mine = JSON.parse((await npm(folder.path, 'access', 'list', 'packages', '--json')).stdout) as Record<string, string>;
  expect(mine).toMatchObject({ '@acme/shared': 'read-write', unscoped: 'read-write' });
  expect(JSON.parse((await npm(folder.path, 'access', 'list', 'packages', '@acme', '--json')).stdout)).not.toHaveProperty('unscoped');
  const hers = JSON.parse((await npmAs(nina, folder.path, 'access', 'list', 'packages', '--json')).stdout) as Record<string, string>;
  expect(hers).toMatchObject({ '@acme/shared': 'read-only' });
  expect(hers).not.toHaveProperty('unscoped');
  expect(JSON.parse((await npm(folder.path, 'access', 'list', 'packages', 'nina', '--json')).stdout)).toEqual(hers);
  expect(JSON.parse((await npm(folder.path, 'access', 'list', 'collaborators', '@acme/shared', '--json')).stdout)).toMatchObject({ [cluster.admin.user]: 'read-write', nina: 'read-only' });
  expect((await nina.run(folder.path, ['access', 'list', 'collaborators', '@acme/shared'])).stderr).toMatch(/E403[\s\S]*may not manage/);
  expect((await nina.run(folder.path, ['access', 'list', 'packages', cluster.admin.user])).stderr).toContain('E403');

  expect((await npm(folder.path, 'owner', 'ls', '@acme/shared')).stdout).toContain(cluster.admin.user);
  expect((await npm(folder.path, 'stars', cluster.admin.user)).stdout + (await npm(folder.path, 'stars')).stderr).not.toContain('acme');
  for (const args of [['owner', 'add', 'nina', '@acme/shared'], ['star', '@acme/shared'], ['access', 'set', 'status=public', '@acme/shared'], ['access', 'grant', 'read-only', 'acme:devs', '@acme/shared']]) {
    const refused = await home.run(folder.path, args);
    expect(refused, args.join(' ')).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/405 Method Not Allowed[\s\S]*a matter of permissions/) as string });
  }
});

it('goes on while one node after the other is killed', async () => {
  const restless = keepKilling(cluster, { between: () => pause(3000) });
  const published: string[] = [];
  const app = await writePackage(join(folder.path, 'restless'), { name: 'restless', version: '0.0.1', private: true });
  try {
    for (let round = 1; restless.kills < 4 || round <= 5; round += 1) {
      const version = `1.${String(round)}.0`;
      await publish({ name: '@acme/restless', version, dependencies: { leaf: '*' } });
      published.push(version);
      await npm(app, 'install', `@acme/restless@${version}`);
      await npm(app, 'ci');
      if (round === 3) await npm(folder.path, 'deprecate', '@acme/restless@1.1.0', 'old');
      if (round === 4) {
        await npm(folder.path, 'unpublish', '@acme/restless@1.2.0');
        published.splice(published.indexOf('1.2.0'), 1);
      }
    }
  } finally {
    await restless.stop();
  }
  await cluster.untilServing();
  for (const node of cluster.nodes) {
    const packument = (await node.client.get('/api/npm/npm-local/@acme%2frestless')).json() as { versions: Record<string, { deprecated?: string }> };
    expect(Object.keys(packument.versions)).toEqual(published);
    expect(packument.versions['1.1.0']?.deprecated).toBe('old');
  }
});
