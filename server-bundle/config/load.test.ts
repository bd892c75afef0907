import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BulkheadError } from '../contract/index.ts';
import { loadNodeConfig } from './load.ts';
import type { ConfigProblem } from './problems.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-config-'));
  await writeFile(join(folder, 'cluster.key'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true }));

const good = `node:
  id: n1
  url: http://127.0.0.1:8081
cluster:
  keyFile: cluster.key
baseUrl: http://127.0.0.1:8080
database:
  host: 127.0.0.1
  name: bulkhead
  user: bulkhead
filestore:
  path: files
`;

async function problemsOf(text: string): Promise<readonly ConfigProblem[]> {
  const file = join(folder, 'node.yaml');
  await writeFile(file, text);
  const error: unknown = await loadNodeConfig(file).then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof BulkheadError)) throw new Error('the configuration was taken', { cause: error });
  expect(error.code).toBe('CONFIG_INVALID');
  return (error.details as { problems: readonly ConfigProblem[] }).problems;
}

test('takes paths relative to the file', async () => {
  await writeFile(join(folder, 'node.yaml'), good);
  const config = await loadNodeConfig(join(folder, 'node.yaml'));
  expect(config.filestore.path).toBe(join(folder, 'files'));
  expect(config.cluster.keyFile).toBe(join(folder, 'cluster.key'));
});

test('names every problem with its path and line', async () => {
  const problems = await problemsOf(good.replace('  host: 127.0.0.1\n', '').replace('  name: bulkhead', '  name: bulkhead\n  port: 99999\n  prot: 1') + 'htpp:\n  x: 1\n');
  expect(problems.map(({ path, line }) => [path, line])).toEqual(expect.arrayContaining([
    ['database.host', 7], ['database.port', 9], ['database.prot', 10], ['htpp', 14],
  ]));
  expect(problems).toHaveLength(4);
});

test('names the entry of a list', async () => {
  const [problem] = await problemsOf(`${good}http:\n  trustedProxies:\n    - 10.0.0.0/8\n    - balancer\n`);
  expect(problem).toMatchObject({ path: 'http.trustedProxies[1]', line: 16 });
});

test('refuses times that contradict each other', async () => {
  const problems = await problemsOf(`${good}timing:\n  heartbeatMs: 2000\n  leaseTtlMs: 3000\n`);
  expect(problems.map((problem) => problem.path)).toEqual(['timing.heartbeatMs', 'timing.heartbeatMs']);
});

test('refuses a cluster key that is missing, short or open to everybody', async () => {
  expect(await problemsOf(good.replace('cluster.key', 'other.key'))).toMatchObject([{ path: 'cluster.keyFile', line: 5 }]);
  await writeFile(join(folder, 'short.key'), 'c2hvcnQ=', { mode: 0o644 });
  const problems = await problemsOf(good.replace('cluster.key', 'short.key'));
  expect(problems).toHaveLength(process.platform === 'win32' ? 1 : 2);
});

test('says where the YAML is broken', async () => {
  const [problem] = await problemsOf('node:\n  id: "n1\n');
  expect(problem?.line).toBeGreaterThan(1);
});

test('says that a file is not there', async () => {
  const error: unknown = await loadNodeConfig(join(folder, 'none.yaml')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
});
