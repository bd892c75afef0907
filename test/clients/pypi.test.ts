import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { startForgetfulFront, type ForgetfulFront } from '../harness/forgetful-front.ts';
import { freePort } from '../harness/free-port.ts';
import { buildSdist, buildWheel, type BuiltPackage, type PackageSource } from '../harness/python-packages.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { pause } from '../harness/wait-for.ts';
import { PythonClients, type PythonResult } from './python/python-clients.ts';
import { keepKilling } from './restless-nodes.ts';

const run = promisify(execFile);
let cluster: TestCluster;
let folder: TemporaryFolder;
let front: ForgetfulFront;
let address: string;
let clients: PythonClients;

beforeAll(async () => {
  const port = await freePort();
  address = `http://127.0.0.1:${String(port)}`;
  front = await startForgetfulFront(port, () => cluster.balancer.url);
  cluster = await startCluster({ config: { baseUrl: address } });
  folder = await temporaryFolder('pypi-clients');
  clients = await PythonClients.prepare(join(folder.path, 'home'), cluster.admin);
  await repository('pypi-local', { rclass: 'local', packageType: 'pypi' });
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

const api = (key: string): string => `${address}/artifactory/api/pypi/${key}`;

async function build(source: PackageSource, how: (source: PackageSource) => BuiltPackage = buildWheel): Promise<string> {
  const { fileName, bytes } = how(source);
  const path = join(folder.path, 'dist', source.code === undefined ? '' : 'other');
  await mkdir(path, { recursive: true });
  await writeFile(join(path, fileName), bytes);
  return join(path, fileName);
}

async function upload(files: readonly string[], ...more: string[]): Promise<PythonResult> {
  return clients.twine(api('pypi-local'), files, ...more);
}

/** What pip puts into an empty folder. */
async function downloaded(key: string, ...wanted: string[]): Promise<string[]> {
  const to = await temporaryFolder('pip-download');
  await using _ = to;
  const result = await clients.pip(api(key), 'download', '--no-build-isolation', '--dest', to.path, ...wanted);
  expect(result.exitCode, result.output).toBe(0);
  return (await readdir(to.path)).sort();
}

it('twine uploads wheels and source archives, pip finds, downloads and installs them, each request on another node', async () => {
  const app = { name: 'Demo-App', version: '1.0', requires: ['demo.lib>=1.5,<2'] };
  const files = [
    await build(app), await build(app, buildSdist), await build({ name: 'demo.lib', version: '1.5' }), await build({ name: 'demo.lib', version: '1.10' }),
    await build({ name: 'demo.lib', version: '2.0' }), await build({ name: 'demo.lib', version: '1.11', requiresPython: '<3' }),
  ];
  const uploaded = await upload(files);
  expect(uploaded.exitCode, uploaded.output).toBe(0);

  expect(await downloaded('pypi-local', 'demo_app')).toEqual(['demo_app-1.0-py3-none-any.whl', 'demo_lib-1.10-py3-none-any.whl']);
  expect(await downloaded('pypi-local', '--no-binary', 'demo-app', '--no-deps', 'DEMO.APP==1.0')).toEqual(['demo_app-1.0.tar.gz']);
  // pip 22.3 to 23.0 reads of metadata beside wheels in HTML only
  const pip = /^pip (\d+)/.exec((await clients.pip(api('pypi-local'), '--version')).output)?.[1];
  expect(front.passed.some(({ url, status }) => url.endsWith('.whl.metadata') && status === 200)).toBe(Number(pip) > 23);
  expect(new Set(front.passed.map(({ node }) => node))).toEqual(new Set(['n1', 'n2', 'n3']));

  const site = join(folder.path, 'site');
  const installed = await clients.pip(api('pypi-local'), 'install', '--target', site, 'demo-app');
  expect(installed.exitCode, installed.output).toBe(0);
  expect((await run('python3', ['-c', 'import demo_lib, demo_app'], { env: { PYTHONPATH: site, PATH: '/usr/bin:/bin' } })).stdout).toBe('demo.lib 1.10\nDemo-App 1.0\n');
});

it('twine is told of a file that is there already, and passes over it when asked to', async () => {
  const wheel = await build({ name: 'again', version: '1.0' });
  expect((await upload([wheel])).exitCode).toBe(0);
  expect((await upload([wheel])).exitCode).toBe(0);
  const other = await build({ name: 'again', version: '1.0', code: 'print("another")\n' });
  const refused = await upload([other]);
  expect([refused.exitCode, refused.output.includes('409')], refused.output).toEqual([1, true]);
  const skipped = await upload([other], '--skip-existing');
  expect(skipped.exitCode, skipped.output).toBe(0);
  expect(skipped.output).toMatch(/Skipping .*because it appears to already exist/);
});

it('pip passes over a yanked version unless it is asked for', async () => {
  for (const version of ['1.0', '1.1']) expect((await upload([await build({ name: 'sorry', version })])).exitCode).toBe(0);
  expect(await downloaded('pypi-local', 'sorry')).toEqual(['sorry-1.1-py3-none-any.whl']);
  expect((await cluster.balancer.client.post('/api/pypi/pypi-local/sorry/1.1/yank', { reason: 'broken' })).status).toBe(200);
  expect(await downloaded('pypi-local', 'sorry')).toEqual(['sorry-1.0-py3-none-any.whl']);
  expect(await downloaded('pypi-local', 'sorry==1.1')).toEqual(['sorry-1.1-py3-none-any.whl']);
});

it('pip resolves over a virtual repository of ours and a remote one, and twine uploads through it', async () => {
  await repository('pypi-far', { rclass: 'local', packageType: 'pypi' });
  await repository('pypi-mirror', {
    rclass: 'remote', packageType: 'pypi', url: `${cluster.balancer.url}/artifactory/api/pypi/pypi-far`, username: cluster.admin.user, password: cluster.admin.password, allowPrivateAddresses: true,
  });
  await repository('pypi', { rclass: 'virtual', packageType: 'pypi', repositories: ['pypi-local', 'pypi-mirror'], defaultDeploymentRepo: 'pypi-local' });
  const far = await clients.twine(api('pypi-far'), [await build({ name: 'far-lib', version: '3.1' }), await build({ name: 'far-lib', version: '3.2', requiresPython: '<3' })]);
  expect(far.exitCode, far.output).toBe(0);
  const near = await clients.twine(api('pypi'), [await build({ name: 'near-app', version: '1.0', requires: ['far-lib>=3'] })]);
  expect(near.exitCode, near.output).toBe(0);
  expect(await downloaded('pypi', 'near-app')).toEqual(['far_lib-3.1-py3-none-any.whl', 'near_app-1.0-py3-none-any.whl']);
  expect(await downloaded('pypi-mirror', 'far-lib')).toEqual(['far_lib-3.1-py3-none-any.whl']);
});

it('nobody sees nodes being killed: pip downloads go on, and what twine had acknowledged is listed everywhere', async () => {
  expect((await upload([await build({ name: 'steady', version: '1.0', requires: ['sorry==1.0'] })])).exitCode).toBe(0);
  const acknowledged: string[] = [];
  const restless = keepKilling(cluster, { between: () => pause(700) });
  const over = (): boolean => restless.kills >= 6 && acknowledged.length >= 4;
  const downloading = (async () => {
    while (!over()) expect(await downloaded('pypi-local', 'steady')).toEqual(['sorry-1.0-py3-none-any.whl', 'steady-1.0-py3-none-any.whl']);
  })();
  const uploading = (async () => {
    for (let number = 1; !over(); number += 1) {
      const version = `1.${String(number)}`;
      const wheel = await build({ name: 'grown', version });
      // a balancer sends no POST twice; twine is started again, as a person would
      for (let attempt = 1; ; attempt += 1) {
        const result = await upload([wheel]);
        if (result.exitCode === 0) break;
        if (attempt === 5) throw new Error(result.output);
      }
      acknowledged.push(version);
    }
  })();
  try {
    await Promise.race([Promise.all([downloading, uploading]), restless.ended.then(() => { throw new Error('nobody is killed any more'); })]);
  } finally {
    await restless.stop();
  }
  await cluster.untilServing();
  for (const { client } of cluster.nodes) {
    const listed = (await client.get('/api/pypi/pypi-local/simple/grown/', { headers: { accept: 'application/vnd.pypi.simple.v1+json' } })).json() as { versions: string[] };
    expect(listed.versions).toEqual(acknowledged);
  }
});
