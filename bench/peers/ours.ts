import { randomBytes } from 'node:crypto';
import { startCluster, type ClusterOptions, type TestCluster } from '../../test/harness/cluster.ts';
import { NodeClient } from '../../test/harness/node-client.ts';
import { pin } from '../framework/cores.ts';

/** PostgreSQL as it is on a machine that keeps what it was told: durable, with memory for its tables. */
const durable = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', shared_buffers: '512MB', max_wal_size: '4GB', max_connections: 100 };

/** A cluster of ours with a user that is no administrator and has rights by a permission target. */
export interface Ours extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** address of the first node, with the context path */
  readonly url: string;
  readonly pid: number;
  /** headers with which the user asks */
  readonly headers: Readonly<Record<string, string>>;
  readonly user: { readonly user: string; readonly password: string };
  /** as that user */
  readonly client: NodeClient;
  /** Makes a local repository. */
  repository(key: string, packageType: string, fields?: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Request log, metrics and coherence check are on, as always; one node unless more are asked for. PostgreSQL has the generator's core. */
export async function startOurs({ password = randomBytes(12).toString('hex'), ...options }: ClusterOptions & { readonly password?: string } = {}): Promise<Ours> {
  const cluster = await startCluster({
    nodes: 1, balancer: false, ...options,
    // as it starts on a host: tests keep what was compiled before
    env: { NODE_DISABLE_COMPILE_CACHE: '1', ...options.env },
    config: { database: { pool: { min: 5, max: 20 } }, ...options.config },
    postgres: { ...durable, ...options.postgres },
  });
  try {
    return await ready(cluster, password);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function ready(cluster: TestCluster, password: string): Promise<Ours> {
  const [{ pid: postmaster } = {}] = await cluster.postgres.query("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid");
  await pin(postmaster as number, 'generator');
  for (const { pid } of cluster.nodes) await pin(pid ?? 0, 'server');
  const [node] = cluster.nodes;
  if (node?.pid === undefined) throw new Error('a benchmark needs a node');
  const user = { user: 'bench', password };
  const send = async (method: string, path: string, body: Readonly<Record<string, unknown>>): Promise<void> => {
    const answer = await node.client.request(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.text()}`);
  };
  await send('PUT', '/api/security/users/bench', { password: user.password, role: 'user' });
  await send('PUT', '/api/v2/security/permissions/bench', {
    repo: { repositories: ['ANY LOCAL', 'ANY REMOTE'], 'include-patterns': ['**'], actions: { users: { bench: ['read', 'write', 'delete'] } } },
  });
  const client = new NodeClient(node.url, user, 120_000);
  return {
    cluster, user, client, pid: node.pid, url: `${node.url}/artifactory`,
    headers: { authorization: `Basic ${Buffer.from(`${user.user}:${user.password}`).toString('base64')}` },
    repository: (key, packageType, fields = {}) => send('PUT', `/api/repositories/${key}`, { rclass: 'local', packageType, ...fields }),
    [Symbol.asyncDispose]: async () => { await client.close(); await cluster.stop(); },
  };
}
