import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { startForgetfulFront, type ForgetfulFront } from '../harness/forgetful-front.ts';
import { freePort } from '../harness/free-port.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { pause } from '../harness/wait-for.ts';
import { writePackage } from './npm/project.ts';
import { NpmHome } from './npm/run-npm.ts';
import { keepKilling } from './restless-nodes.ts';

const run = promisify(execFile);
let cluster: TestCluster;
let folder: TemporaryFolder;
let front: ForgetfulFront;
let home: NpmHome;
/** why there is no registry to stand in for; empty when there is one */
let unreachable = '';

const setting = async (name: string): Promise<string> => {
  const { stdout } = await run('npm', ['config', 'get', name]);
  const value = stdout.trim();
  return value === 'null' || value === 'undefined' ? '' : value;
};

async function reach(registry: string): Promise<void> {
  try {
    await run('npm', ['view', 'is-number', 'version', '--fetch-retries=0', '--fetch-timeout=15000'], { timeout: 30_000 });
  } catch {
    unreachable = `the registry that npm is configured with (${new URL(registry).protocol}//…) cannot be reached`;
  }
}

beforeAll(async () => {
  const registry = await setting('registry');
  await reach(registry);
  if (unreachable !== '') return;
  const port = await freePort();
  const address = `http://127.0.0.1:${String(port)}`;
  front = await startForgetfulFront(port, () => cluster.balancer.url);
  cluster = await startCluster({ config: { baseUrl: address } });
  folder = await temporaryFolder('npm-upstream');
  const caFile = await setting('cafile');
  const pem = caFile === '' ? '' : await readFile(caFile, 'utf8');
  const made = await cluster.balancer.client.put('/api/repositories/npm-remote', JSON.stringify({
    rclass: 'remote', packageType: 'npm', url: registry, proxy: await setting('https-proxy'), socketTimeoutMillis: 60_000,
    // a company's registry, or a stand-in for the public one, may well have an address of the inside
    allowPrivateAddresses: true, caCertificates: pem.length > 200_000 ? '' : pem,
  }), { headers: { 'content-type': 'application/json' } });
  expect(made.status, made.text()).toBe(200);
  const own = `${address}/artifactory/api/npm/npm-remote/`;
  home = await NpmHome.create(join(folder.path, 'home'), own, [NpmHome.basic(own, cluster.admin), 'fetch-timeout=120000']);
});

afterAll(async () => {
  if (unreachable !== '') return;
  await front[Symbol.asyncDispose]();
  await folder.remove();
  await cluster.stop();
});

function requireRegistry(context: TestContext): void {
  if (unreachable === '') return;
  process.stderr.write(`\nSKIPPED: ${unreachable}; an installation of a large tree through a remote repository was NOT tried\n`);
  context.skip(unreachable);
}

/** More than 600 packages. */
const tree = { jest: '29.7.0', webpack: '5.95.0', 'webpack-dev-server': '5.1.0', '@babel/preset-env': '7.25.8', express: '4.21.1' };

async function install(name: string, ...command: string[]): Promise<Record<string, { resolved?: string; integrity?: string }>> {
  const at = join(folder.path, name);
  const result = await home.run(at, [...command, '--ignore-scripts', '--no-audit']);
  expect(result.exitCode, `${result.stdout}\n${result.stderr}`).toBe(0);
  const lock = JSON.parse(await readFile(join(at, 'package-lock.json'), 'utf8')) as { packages: Record<string, { resolved?: string; integrity?: string }> };
  return lock.packages;
}

it('installs a tree of more than 500 packages through a remote repository, and again while nodes are killed', async (context) => {
  requireRegistry(context);
  await writePackage(join(folder.path, 'cold'), { name: 'cold', version: '1.0.0', private: true, dependencies: tree });
  const packages = Object.entries(await install('cold', 'install')).filter(([path]) => path !== '');
  expect(packages.length).toBeGreaterThan(500);
  for (const [path, { resolved, integrity }] of packages) {
    expect(resolved, path).toMatch(home.registry);
    expect(integrity, path).toMatch(/^sha/);
  }
  const tarballs = front.passed.filter(({ url }) => url.includes('/-/'));
  expect(tarballs.length).toBeGreaterThan(500);
  expect(tarballs.filter(({ status }) => status !== 200)).toEqual([]);
  expect(new Set(tarballs.map(({ node }) => node))).toEqual(new Set(['n1', 'n2', 'n3']));

  // npm's own cache is emptied: everything comes from the cluster again, from what it keeps
  await home.forget();
  const restless = keepKilling(cluster, { between: () => pause(4000) });
  try {
    // every packument, then every tarball
    await writePackage(join(folder.path, 'warm'), { name: 'warm', version: '1.0.0', private: true, dependencies: tree });
    expect(Object.keys(await install('warm', 'install', '--package-lock-only')).length).toBeGreaterThan(500);
    const before = front.passed.length;
    await install('warm', 'ci');
    expect(front.passed.slice(before).filter(({ url, status }) => url.includes('/-/') && status === 200).length).toBeGreaterThan(500);
  } finally {
    await restless.stop();
  }
  expect(restless.kills).toBeGreaterThan(1);
});
