import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { ImageLayout } from './oci/image-layout.ts';
import { Skopeo } from './oci/skopeo.ts';

let cluster: TestCluster;
let folder: TemporaryFolder;
let skopeo: Skopeo;
let registry: string;

beforeAll(async () => {
  cluster = await startCluster();
  folder = await temporaryFolder('oci');
  registry = new URL(cluster.balancer.url).host;
  skopeo = await Skopeo.prepare(join(folder.path, 'skopeo'), registry, cluster.admin);
  const made = await cluster.balancer.client.put('/api/repositories/images', JSON.stringify({ rclass: 'local', packageType: 'docker' }), { headers: { 'content-type': 'application/json' } });
  expect(made.status).toBe(200);
});
afterAll(async () => {
  await folder.remove();
  await cluster.stop();
});

const blobsOf = async (layout: string): Promise<string[]> => (await readdir(join(layout, 'blobs/sha256'))).sort();

it('skopeo pushes an image, inspects it, lists its tags, pulls it and deletes it', async () => {
  const layout = new ImageLayout(join(folder.path, 'one'));
  const digest = await layout.write('1.0', ['amd64'], 30_000_000);
  const image = `docker://${registry}/images/team/tool`;
  await skopeo.run('copy', `oci:${layout.folder}:1.0`, `${image}:1.0`);
  await skopeo.run('copy', `${image}:1.0`, `${image}:latest`);

  expect(JSON.parse(await skopeo.run('inspect', `${image}:1.0`))).toMatchObject({ Digest: digest, Architecture: 'amd64', RepoTags: ['1.0', 'latest'] });
  expect(JSON.parse(await skopeo.run('list-tags', image))).toMatchObject({ Tags: ['1.0', 'latest'] });

  const back = join(folder.path, 'one-back');
  await skopeo.run('copy', `${image}@${digest}`, `oci:${back}:1.0`);
  expect(await blobsOf(back)).toEqual(await blobsOf(layout.folder));

  await skopeo.run('delete', `${image}:latest`);
  await expect(skopeo.run('inspect', `${image}:1.0`)).rejects.toThrow();
});

it('skopeo copies an image for several architectures, as it is and from repository to repository', async () => {
  const layout = new ImageLayout(join(folder.path, 'many'));
  const digest = await layout.write('2.0', ['amd64', 'arm64', 's390x'], 400_000);
  const image = `docker://${registry}/images/many`;
  await skopeo.run('copy', '--all', `oci:${layout.folder}:2.0`, `${image}:2.0`);
  expect(JSON.parse(await skopeo.run('inspect', '--raw', `${image}:2.0`))).toEqual(JSON.parse(await readFile(join(layout.folder, 'blobs', digest.replace(':', '/')), 'utf8')));

  // the layers are mounted, not sent again
  await skopeo.run('copy', '--all', `${image}:2.0`, `docker://${registry}/images/copied:2.0`);
  const back = join(folder.path, 'many-back');
  await skopeo.run('copy', '--all', `docker://${registry}/images/copied:2.0`, `oci:${back}:2.0`);
  expect(await blobsOf(back)).toEqual(await blobsOf(layout.folder));
});

it('skopeo converts to the formats of Docker and back', async () => {
  const layout = new ImageLayout(join(folder.path, 'docker'));
  await layout.write('3.0', ['amd64'], 100_000);
  const image = `docker://${registry}/images/converted`;
  await skopeo.run('copy', '--format', 'v2s2', `oci:${layout.folder}:3.0`, `${image}:3.0`);
  expect(JSON.parse(await skopeo.run('inspect', '--raw', `${image}:3.0`))).toMatchObject({ mediaType: 'application/vnd.docker.distribution.manifest.v2+json' });
  await skopeo.run('copy', `${image}:3.0`, `dir:${join(folder.path, 'docker-back')}`);
});
