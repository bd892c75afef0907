import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../../harness/wait-for.ts';
import { codesOf, digestOf, header, imageManifest, location, OciClient, withDigest } from './oci-client.ts';
import { startRegistry, type TestRegistry } from './registry.ts';

/** Many clients at once, nodes that die in between, and a collector and an expiry without any grace. */
let registry: TestRegistry;
let client: OciClient;
const config = '{"architecture":"amd64","os":"linux"}';

beforeAll(async () => {
  registry = await startRegistry({
    config: {
      oci: { unusedBlobHours: 5 / 3600, expirySeconds: 1 },
      tasks: { gc: { intervalMinutes: 1 / 60, graceSeconds: 0, deleteAfterSeconds: 0 } },
    },
  });
  ({ client } = registry);
});
afterAll(() => registry[Symbol.asyncDispose]());

async function blobFiles(): Promise<string[]> {
  const names = await readdir(join(registry.cluster.filestore, 'blobs'), { recursive: true, withFileTypes: true });
  return names.flatMap((entry) => (entry.isFile() ? [entry.name.slice(0, 64)] : []));
}

it('twenty clients push the same blob at once: each is told that it is there, and it is there once', async () => {
  const bytes = randomBytes(300_000);
  const digest = digestOf(bytes);
  const pushed = await Promise.all(Array.from({ length: 20 }, async () => client.pushBlob('images/same', bytes)));
  expect(new Set(pushed)).toEqual(new Set([digest]));
  for (const _node of registry.cluster.nodes) {
    const got = await client.send(`/v2/images/same/blobs/${digest}`);
    expect([got.status, digestOf(got.body)]).toEqual([200, digest]);
  }
  await waitFor('the further copies to go', async () => (await blobFiles()).filter((name) => `sha256:${name}` === digest).length === 1);
});

it('twenty clients point one tag elsewhere at once: it ends at one of them, the same on every node', async () => {
  await client.pushBlob('images/tag', config);
  const manifests = Array.from({ length: 20 }, (_, number) => JSON.stringify(imageManifest(config, [], { annotations: { number: String(number) } })));
  const answers = await Promise.all(manifests.map((manifest) => client.pushManifest('images/tag', 'latest', manifest)));
  expect(answers.map(({ status }) => status)).toEqual(manifests.map(() => 201));
  const seen = new Set<string>();
  for (let turn = 0; turn < 6; turn += 1) seen.add((await client.send('/v2/images/tag/manifests/latest')).text());
  expect(seen.size).toBe(1);
  expect(manifests).toContain([...seen][0]);
});

it('what was acknowledged stays while others delete, mount and push again, and the collector runs all the time', async () => {
  // few contents and names, so that all meet each other
  const contents = Array.from({ length: 6 }, (_, number) => Buffer.alloc(20_000 + number, number + 1));
  const names = ['images/r1', 'images/r2', 'images/r3'];
  const lost: string[] = [];
  const counts = { images: 0, mounts: 0, deletes: 0, refused: 0 };

  const worker = async (number: number): Promise<void> => {
    await using own = new OciClient([...registry.cluster.nodes.slice(number % 3), ...registry.cluster.nodes.slice(0, number % 3)], registry.cluster.admin);
    for (let round = 0; round < 12; round += 1) {
      const name = names[(number + round) % names.length] ?? '';
      const layer = contents[(number * 7 + round) % contents.length] ?? Buffer.alloc(0);
      const digest = digestOf(layer);
      if (round % 3 === 2) {
        const deleted = await own.send(`/v2/${name}/blobs/${digest}`, { method: 'DELETE' });
        if (![202, 404].includes(deleted.status)) lost.push(`DELETE ${String(deleted.status)} ${deleted.text()}`);
        counts.deletes += 1;
        continue;
      }
      if (round % 3 === 1) {
        const mounted = await own.send(`/v2/${name}/blobs/uploads/?mount=${digest}&from=${names[round % 2] ?? ''}`, { method: 'POST' });
        if (mounted.status === 201) counts.mounts += 1;
        else if (mounted.status === 202) await own.pushBlob(name, layer);
        else lost.push(`mount ${String(mounted.status)} ${mounted.text()}`);
      } else if ((await own.send(`/v2/${name}/blobs/${digest}`, { method: 'HEAD' })).status !== 200) {
        await own.pushBlob(name, layer);
      }
      await own.pushBlob(name, config);
      const tag = `t-${String(number)}-${String(round)}`;
      const put = await own.pushManifest(name, tag, imageManifest(config, [layer], { annotations: { tag } }));
      // somebody has deleted the blob by hand in between
      if (put.status === 404 && codesOf(put)[0] === 'MANIFEST_BLOB_UNKNOWN') {
        counts.refused += 1;
        continue;
      }
      if (put.status !== 201) lost.push(`manifest ${String(put.status)} ${put.text()}`);
      counts.images += 1;
    }
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map(worker));
  expect(lost).toEqual([]);
  expect(counts.images).toBeGreaterThan(20);

  // every blob that is listed anywhere has its bytes; every manifest that was acknowledged is there
  for (const name of names) {
    const { tags } = (await client.send(`/v2/${name}/tags/list`)).json() as { tags: string[] };
    for (const tag of tags) {
      const got = await client.send(`/v2/${name}/manifests/${tag}`);
      expect([name, tag, got.status]).toEqual([name, tag, 200]);
      for (const { digest } of (got.json() as { layers: { digest: string }[] }).layers) {
        const blob = await client.send(`/v2/${name}/blobs/${digest}`);
        // 404: deleted by hand after the manifest was pushed; what is there is whole
        if (blob.status !== 404) expect([blob.status, digestOf(blob.body)]).toEqual([200, digest]);
      }
    }
  }
});

it('images that nobody deletes keep every layer, although expiry and collector have no patience', async () => {
  const name = 'images/kept';
  await client.pushBlob(name, config);
  const layers = Array.from({ length: 8 }, (_, number) => randomBytes(3000 + number));
  await Promise.all(layers.map(async (layer, number) => {
    await client.pushBlob(name, layer);
    expect((await client.pushManifest(name, `v${String(number)}`, imageManifest(config, [layer]))).status).toBe(201);
  }));
  const idle = await client.pushBlob(name, 'nobody names this');
  await waitFor('the idle blob to go', async () => (await client.send(`/v2/${name}/blobs/${idle}`)).status === 404, { everyMs: 300 });
  await waitFor('its bytes to go', async () => !(await blobFiles()).includes(idle.slice('sha256:'.length)), { everyMs: 300 });
  for (const layer of [...layers, Buffer.from(config)]) {
    const got = await client.send(`/v2/${name}/blobs/${digestOf(layer)}`);
    expect([got.status, digestOf(got.body)]).toEqual([200, digestOf(layer)]);
  }
});

it('an upload goes on although the nodes that took its chunks are killed', async () => {
  const bytes = randomBytes(900_000);
  const size = 300_000;
  const [first, second, third] = registry.cluster.nodes;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three nodes are needed');
  await using one = new OciClient([first], registry.cluster.admin);
  await using two = new OciClient([second], registry.cluster.admin);
  await using three = new OciClient([third], registry.cluster.admin);
  const at = location(await one.send('/v2/images/killed/blobs/uploads/', { method: 'POST' }));
  const chunk = (by: OciClient, index: number): ReturnType<OciClient['send']> => by.send(at, {
    method: 'PATCH', body: bytes.subarray(index * size, (index + 1) * size), headers: { 'content-range': `${String(index * size)}-${String((index + 1) * size - 1)}` },
  });
  expect((await chunk(one, 0)).status).toBe(202);
  await first.kill();
  expect(header(await two.send(at), 'range')).toBe(`0-${String(size - 1)}`);
  expect((await chunk(two, 1)).status).toBe(202);
  // this one dies with a chunk on its way: nothing of it counts
  const over = Promise.withResolvers<undefined>();
  const slow = Readable.from((async function* slowly(): AsyncGenerator<Buffer> {
    yield bytes.subarray(2 * size, 2 * size + 10_000);
    await over.promise;
  })(), { objectMode: false });
  const dying = two.send(at, { method: 'PATCH', body: slow, headers: { 'content-range': `${String(2 * size)}-${String(3 * size - 1)}` } }).catch(() => undefined);
  await waitFor('the third chunk to arrive', async () => (await readdir(join(registry.cluster.filestore, 'uploads'))).length === 3);
  await second.kill();
  over.resolve(undefined);
  await dying;
  await first.start();
  await waitFor('the first node to serve again', async () => (await first.client.get('/api/system/ping')).status === 200);
  await waitFor('the third to answer', async () => header(await three.send(at), 'range') === `0-${String(2 * size - 1)}`);
  expect((await chunk(one, 2)).status).toBe(202);
  const put = await three.send(withDigest(at, digestOf(bytes)), { method: 'PUT' });
  expect([put.status, put.text()]).toEqual([201, '']);
  expect(digestOf((await one.send(`/v2/images/killed/blobs/${digestOf(bytes)}`)).body)).toBe(digestOf(bytes));
  await second.start();
  await waitFor('the pieces of all attempts to be swept', async () => (await readdir(join(registry.cluster.filestore, 'uploads'))).length === 0, { everyMs: 300 });
});

it('a request that is sent again gets the first answer', async () => {
  const replayed = async (path: string, options: Parameters<OciClient['send']>[1] = {}): Promise<[number, string | undefined][]> => {
    const id = `test-${randomBytes(8).toString('hex')}`;
    const answers = [];
    for (const _time of [1, 2, 3]) answers.push(await client.send(path, { ...options, headers: { ...options.headers, 'x-bulkhead-request-id': id } }));
    return answers.map((answer) => [answer.status, header(answer, 'location')]);
  };
  const bytes = randomBytes(1000);
  const begun = location(await client.send('/v2/images/replay/blobs/uploads/', { method: 'POST' }));
  const done = [201, `/v2/images/replay/blobs/${digestOf(bytes)}`];
  expect(await replayed(withDigest(begun, digestOf(bytes)), { method: 'PUT', body: bytes })).toEqual([done, done, done]);
  await client.pushBlob('images/replay', config);
  const manifest = JSON.stringify(imageManifest(config, [bytes]));
  const put = [201, '/v2/images/replay/manifests/v1'];
  expect(await replayed('/v2/images/replay/manifests/v1', { method: 'PUT', body: manifest, headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' } })).toEqual([put, put, put]);
  expect(await replayed('/v2/images/replay/manifests/v1', { method: 'DELETE' })).toEqual([[202, undefined], [202, undefined], [202, undefined]]);
  expect((await client.send('/v2/images/replay/manifests/v1', { method: 'DELETE' })).status).toBe(404);
});
