import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { writePackage } from './npm/project.ts';
import { NpmHome, type NpmResult } from './npm/run-npm.ts';

let cluster: TestCluster;
let folder: TemporaryFolder;
let registry: string;
let home: NpmHome;

beforeAll(async () => {
  // round robin without stickiness: each request lands on another node
  cluster = await startCluster();
  folder = await temporaryFolder('npm-client');
  registry = `${cluster.balancer.url}/artifactory/api/npm/npm-local/`;
  expect((await cluster.balancer.client.request('/api/repositories/npm-local', {
    method: 'PUT', body: JSON.stringify({ rclass: 'local', packageType: 'npm' }), headers: { 'content-type': 'application/json' },
  })).status).toBeLessThan(300);
  home = await NpmHome.create(join(folder.path, 'home'), registry, [NpmHome.basic(registry, cluster.admin)]);
});

afterAll(async () => {
  await folder.remove();
  await cluster.stop();
});

async function npm(cwd: string, ...args: string[]): Promise<NpmResult> {
  const result = await home.run(cwd, args);
  expect(result, `npm ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toMatchObject({ exitCode: 0 });
  return result;
}

async function publish(manifest: Readonly<Record<string, unknown>>, ...args: string[]): Promise<void> {
  const at = join(folder.path, 'packages', String(manifest['name']), String(manifest['version']));
  await writePackage(at, manifest, { 'index.js': `module.exports = ${JSON.stringify(manifest['version'])};\n`, 'README.md': `# ${String(manifest['name'])}\n` });
  await npm(at, 'publish', ...args);
}

it('publishes, installs and installs again from the lock file', async () => {
  await publish({ name: 'leaf', version: '1.0.0', description: 'a leaf', license: 'MIT' });
  await publish({ name: '@acme/tree', version: '1.0.0', dependencies: { leaf: '^1.0.0' }, bin: { tree: 'index.js' } });
  const app = await writePackage(join(folder.path, 'app'), { name: 'app', version: '0.0.1', private: true });
  await npm(app, 'install', '@acme/tree');
  expect(await readFile(join(app, 'node_modules/leaf/index.js'), 'utf8')).toContain('1.0.0');
  const lock = JSON.parse(await readFile(join(app, 'package-lock.json'), 'utf8')) as { packages: Record<string, { resolved?: string; integrity?: string }> };
  expect(lock.packages['node_modules/@acme/tree']).toMatchObject({ resolved: `${registry}@acme/tree/-/@acme/tree-1.0.0.tgz`, integrity: expect.stringMatching(/^sha512-/) as unknown });
  await npm(app, 'ci');
  expect(await readFile(join(app, 'node_modules/@acme/tree/package.json'), 'utf8')).toContain('leaf');
});
