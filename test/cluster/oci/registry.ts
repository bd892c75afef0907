import { startCluster, type ClusterOptions, type TestCluster } from '../../harness/cluster.ts';
import { OciClient } from './oci-client.ts';

export interface TestRegistry extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** sends each request to another node */
  readonly client: OciClient;
}

/** A cluster of three nodes with a local repository `images`. */
export async function startRegistry(options: ClusterOptions = {}): Promise<TestRegistry> {
  const cluster = await startCluster({ balancer: false, ...options });
  const client = new OciClient(cluster.nodes, cluster.admin);
  await makeRepository(cluster, 'images', { rclass: 'local', packageType: 'docker' });
  return {
    cluster, client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await cluster.stop();
    },
  };
}

export async function makeRepository(cluster: TestCluster, key: string, json: Record<string, unknown>): Promise<void> {
  const answer = await cluster.nodes[0]?.client.put(`/api/repositories/${key}`, JSON.stringify(json), { headers: { 'content-type': 'application/json' } });
  if (answer?.status !== 200) throw new Error(`The repository ${key} could not be made: ${answer?.text() ?? 'no node'}`);
}

export async function makeUser(cluster: TestCluster, name: string, role: string): Promise<{ user: string; password: string }> {
  const password = `${name}-password-1`;
  const answer = await cluster.nodes[0]?.client.put(`/api/security/users/${name}`, JSON.stringify({ password, email: `${name}@example.com`, role }), { headers: { 'content-type': 'application/json' } });
  if (answer === undefined || answer.status >= 300) throw new Error(`The user ${name} could not be made: ${answer?.text() ?? 'no node'}`);
  return { user: name, password };
}
