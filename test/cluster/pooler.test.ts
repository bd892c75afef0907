import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { startPgbouncer } from '../harness/pgbouncer.ts';
import { waitFor } from '../harness/wait-for.ts';

const run = promisify(execFile);
const clean = new AsyncDisposableStack();
const modes = ['session', 'transaction', 'statement'] as const;
let cluster: TestCluster;
/** pgbouncer lets the limits through that sessions are opened with (and drops them) */
let lenient = 0;
let strict = 0;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 1, balancer: false });
  clean.defer(() => cluster.stop());
  const pooler = async (ignored: string): Promise<number> => {
    const started = clean.use(await startPgbouncer(cluster.postgres, cluster.database, Object.fromEntries(modes.map((mode) => [`in_${mode}`, mode])), ignored));
    return started.port;
  };
  [lenient, strict] = [await pooler('ignore_startup_parameters = options'), await pooler('')];
});
afterAll(() => clean.disposeAsync());

test.each([...modes, 'strict'] as const)('a node refuses to start behind pgbouncer (%s), and says which kind it is', async (mode) => {
  const at = { host: '127.0.0.1', port: mode === 'strict' ? strict : lenient, name: mode === 'strict' ? 'in_session' : `in_${mode}` };
  const node = await cluster.addNode(`n-${mode}`, { database: at });
  await node.start({ wait: false });
  const readiness = await waitFor('the refusal', async () => {
    const text = (await node.client.get('/api/v1/system/readiness', { as: null })).text();
    return text.includes('DATABASE_POOLED') ? text : false;
  });
  expect((await node.client.get('/api/system/ping', { as: null })).status).toBe(503);
  await waitFor('the reason in its log', async () => (await node.log()).includes(mode === 'strict' ? 'refuses the limits' : `in ${mode} mode`));
  expect(readiness).not.toContain(cluster.postgres.password);
  // nothing of it is in the cluster
  expect(await cluster.postgres.query(`select node_id from node where node_id = 'n-${mode}'`, cluster.database)).toEqual([]);
  await node.kill();

  const { stdout, stderr } = await run(process.execPath, ['out/server-bundle/bulkhead-node.cjs', 'check-database', '--config', node.configFile, '--json']).catch((error: unknown) => error as { stdout: string; stderr: string });
  if (mode === 'strict') expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'DATABASE_POOLED', message: expect.stringContaining('refuses the limits') as string } });
  else expect(JSON.parse(stdout)).toMatchObject({ pooled: true, poolMode: mode });
});
