import { makeTgz, makeZip } from '../../harness/archives.ts';
import type { NodeClient } from '../../harness/node-client.ts';
import { local, remote, virtual } from './target.ts';

/** Repositories of each kind, and a few files that requests can meet. */
export async function prepare(client: NodeClient, upstream: string): Promise<void> {
  const make = async (key: string, fields: Readonly<Record<string, unknown>>): Promise<void> => {
    if (key === local.generic) return;
    const made = await client.put(`/api/repositories/${key}`, JSON.stringify(fields), { headers: { 'content-type': 'application/json' } });
    if (made.status !== 200) throw new Error(`${key} was not made: ${made.text()}`);
  };
  for (const [packageType, key] of Object.entries(local)) await make(key, { rclass: 'local', packageType });
  for (const [packageType, key] of Object.entries(remote)) {
    await make(key, { rclass: 'remote', packageType, url: upstream, allowPrivateAddresses: true, retrievalCachePeriodSecs: 0, missedRetrievalCachePeriodSecs: 0 });
  }
  for (const [packageType, key] of Object.entries(virtual)) {
    const kind = packageType as keyof typeof virtual;
    await make(key, { rclass: 'virtual', packageType, repositories: [local[kind], remote[kind]], defaultDeploymentRepo: local[kind] });
  }
  const files: [string, Buffer][] = [
    ['a/b.txt', Buffer.from('0123456789')], ['a/big.bin', Buffer.alloc(500_000, 'x')], ['archive.zip', makeZip([{ name: 'inside.txt', content: 'inside' }])], ['archive.tgz', makeTgz([{ name: 'inside.txt', content: 'inside' }])],
  ];
  for (const [path, bytes] of files) {
    const put = await client.put(`/${local.generic}/${path}`, bytes);
    if (put.status !== 201) throw new Error(`${path} was not stored: ${put.text()}`);
  }
}
