import { expect } from 'vitest';
import type { TestCluster } from '../../harness/cluster.ts';
import type { Answer, NodeClient, RequestOptions } from '../../harness/node-client.ts';
import { npmTarball, publishBody } from '../../harness/npm-packages.ts';

export interface Packument {
  readonly name: string;
  readonly _rev: string;
  readonly 'dist-tags': Readonly<Record<string, string>>;
  readonly time: Readonly<Record<string, string>>;
  readonly readme: string;
  readonly modified: string;
  readonly versions: Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly deprecated?: string; readonly dist: { readonly tarball: string; readonly integrity: string; readonly shasum: string } }>>;
}

export const abbreviated = { accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*' };
export const json = { 'content-type': 'application/json' };

export async function makeRepository(cluster: TestCluster, key: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const [node] = cluster.nodes;
  const made = await node!.client.put(`/api/repositories/${key}`, JSON.stringify({ packageType: 'npm', ...fields }), { headers: json });
  expect(made.status, made.text()).toBe(200);
}

export function registryPath(key: string, rest: string): string {
  return `/api/npm/${key}/${rest}`;
}

/** @param client any node's */
export async function publish(
  client: NodeClient, key: string, manifest: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string },
  options: Parameters<typeof publishBody>[2] & Pick<RequestOptions, 'headers' | 'as'> = {},
): Promise<Answer> {
  const { headers, as, ...more } = options;
  return client.put(registryPath(key, manifest.name.replace('/', '%2f')), publishBody(manifest, npmTarball(manifest, { 'README.md': `# ${manifest.name}` }), more), {
    headers: { ...json, ...headers }, ...(as === undefined ? {} : { as }),
  });
}

export async function packumentOf(client: NodeClient, key: string, name: string, headers: Readonly<Record<string, string>> = {}): Promise<Packument | null> {
  const answer = await client.get(registryPath(key, name.replace('/', '%2f')), { headers });
  if (answer.status === 404) return null;
  expect(answer.status, answer.text()).toBe(200);
  return answer.json() as Packument;
}

/** The same on every node, or the test fails. */
export async function everywhere(cluster: TestCluster, key: string, name: string, headers: Readonly<Record<string, string>> = {}): Promise<Packument | null> {
  const all = await Promise.all(cluster.nodes.map(({ client }) => packumentOf(client, key, name, headers)));
  for (const each of all) expect(each).toEqual(all[0]);
  return all[0] ?? null;
}
