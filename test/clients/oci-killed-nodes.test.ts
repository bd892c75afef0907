import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { ImageLayout } from './oci/image-layout.ts';
import { Skopeo } from './oci/skopeo.ts';
import { keepKilling } from './restless-nodes.ts';

let cluster: TestCluster;
let folder: TemporaryFolder;
beforeAll(async () => {
  cluster = await startCluster();
  folder = await temporaryFolder('oci-killed');
});
afterAll(async () => {
  await folder.remove();
  await cluster.stop();
});

it('skopeo pushes and pulls images through the balancer while one node after the other is killed', async () => {
  const registry = new URL(cluster.balancer.url).host;
  const skopeo = await Skopeo.prepare(join(folder.path, 'skopeo'), registry, cluster.admin);
  const made = await cluster.balancer.client.put('/api/repositories/images', JSON.stringify({ rclass: 'local', packageType: 'docker' }), { headers: { 'content-type': 'application/json' } });
  expect(made.status).toBe(200);

  let copies = 0;
  const restless = keepKilling(cluster, {
    between: async () => {
      const before = copies;
      await waitFor('another copy', () => copies > before, { timeoutMs: 120_000 });
    },
  });
  const work = (async () => {
    for (let round = 0; round < 10; round += 1) {
      const tag = `v${String(round)}`;
      const layout = new ImageLayout(join(folder.path, tag));
      await layout.write(tag, ['amd64', 'arm64'], 3_000_000);
      // a layer on its way to a node that dies cannot be sent again by the balancer: that is what retries of the client are for
      await skopeo.run('copy', '--all', '--retry-times', '8', `oci:${layout.folder}:${tag}`, `docker://${registry}/images/app:${tag}`);
      copies += 1;
      const back = join(folder.path, `${tag}-back`);
      await skopeo.run('copy', '--all', '--retry-times', '8', `docker://${registry}/images/app:${tag}`, `oci:${back}:${tag}`);
      copies += 1;
      const blobs = async (of: string): Promise<string[]> => (await readdir(join(of, 'blobs/sha256'))).sort();
      expect(await blobs(back)).toEqual(await blobs(layout.folder));
    }
  })();
  await Promise.race([work, restless.ended]);
  await work;
  copies += 1000;
  const killing = restless.stop();
  const moving = setInterval(() => { copies += 1; }, 100);
  await killing;
  clearInterval(moving);
  expect(restless.kills).toBeGreaterThanOrEqual(3);
  await cluster.untilServing();
  expect(JSON.parse(await skopeo.run('list-tags', `docker://${registry}/images/app`))).toMatchObject({ Tags: Array.from({ length: 10 }, (_, round) => `v${String(round)}`) });
});
