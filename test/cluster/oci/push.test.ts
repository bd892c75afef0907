import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import {
  codesOf, digestOf, header, imageManifest, imageType, location, OciClient, withDigest,
} from './oci-client.ts';

/*
 * OCI distribution specification 1.1, workflow "Push". Each request of an upload goes to another node than the one before.
 */
let cluster: TestCluster;
let client: OciClient;
const name = 'images/team/app';

beforeAll(async () => {
  cluster = await startCluster({ balancer: false, config: { oci: { maxManifestBytes: 8 * 1024 * 1024, chunkMinBytes: 1000, maxChunks: 4 } } });
  client = new OciClient(cluster.nodes, cluster.admin);
  const made = await cluster.nodes[0]?.client.put('/api/repositories/images', JSON.stringify({ rclass: 'local', packageType: 'docker' }), { headers: { 'content-type': 'application/json' } });
  expect(made?.status).toBe(200);
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await cluster.stop();
});

const begin = async (of = name): Promise<string> => {
  const begun = await client.send(`/v2/${of}/blobs/uploads/`, { method: 'POST' });
  expect(begun.status).toBe(202);
  return location(begun);
};
const piecesLeft = async (): Promise<string[]> => readdir(join(cluster.filestore, 'uploads'));
const bytesInPieces = async (): Promise<number> => {
  const sizes = (await piecesLeft()).map(async (file) => (await stat(join(cluster.filestore, 'uploads', file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};

describe('Pushing a blob monolithically', () => {
  it('POST then PUT', async () => {
    const bytes = randomBytes(300_000);
    const digest = digestOf(bytes);
    expect((await client.send(`/v2/${name}/blobs/${digest}`)).status).toBe(404);
    const put = await client.send(withDigest(await begin(), digest), { method: 'PUT', body: bytes });
    expect([put.status, header(put, 'location'), header(put, 'docker-content-digest')]).toEqual([201, `/v2/${name}/blobs/${digest}`, digest]);
    for (const _node of cluster.nodes) {
      const got = await client.send(location(put));
      expect([got.status, digestOf(got.body)]).toEqual([200, digest]);
    }
  });

  it('Single POST', async () => {
    const bytes = randomBytes(5000);
    const post = await client.send(withDigest(`/v2/${name}/blobs/uploads/`, digestOf(bytes)), { method: 'POST', body: bytes });
    expect([post.status, header(post, 'location')]).toEqual([201, `/v2/${name}/blobs/${digestOf(bytes)}`]);
    expect((await client.send(location(post))).body.equals(bytes)).toBe(true);
  });

  it('an empty blob', async () => {
    expect(await client.pushBlob(name, '')).toBe(digestOf(''));
    expect((await client.send(`/v2/${name}/blobs/${digestOf('')}`)).body).toHaveLength(0);
  });

  it('a digest of SHA-512', async () => {
    const bytes = randomBytes(700_000);
    const digest = digestOf(bytes, 'sha512');
    const put = await client.send(withDigest(await begin(), digest), { method: 'PUT', body: bytes });
    expect([put.status, header(put, 'docker-content-digest')]).toEqual([201, digest]);
    expect(digestOf((await client.send(`/v2/${name}/blobs/${digest}`)).body)).toBe(digestOf(bytes));
    const wrong = await client.send(withDigest(await begin(), digestOf('other', 'sha512')), { method: 'PUT', body: bytes });
    expect([wrong.status, codesOf(wrong)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  it('another digest is DIGEST_INVALID, and nothing is stored', async () => {
    const bytes = randomBytes(2000);
    const upload = await begin();
    const put = await client.send(withDigest(upload, digestOf('other')), { method: 'PUT', body: bytes });
    expect([put.status, codesOf(put)]).toEqual([400, ['DIGEST_INVALID']]);
    for (const digest of [digestOf('other'), digestOf(bytes)]) expect((await client.send(`/v2/${name}/blobs/${digest}`)).status).toBe(404);
    expect((await client.send(upload)).status).toBe(404);
    for (const malformed of ['', 'sha256:abc', 'md5:d41d8cd98f00b204e9800998ecf8427e', 'sha256']) {
      const refused = await client.send(withDigest(await begin(), malformed), { method: 'PUT', body: bytes });
      expect([malformed, refused.status, codesOf(refused)]).toEqual([malformed, 400, ['DIGEST_INVALID']]);
    }
  });

  it('a name that is none is NAME_INVALID, an unknown repository NAME_UNKNOWN', async () => {
    for (const bad of ['images/Team/app', 'images/a__', 'images/-a', 'images/a//b']) {
      const answer = await client.send(`/v2/${bad}/blobs/uploads/`, { method: 'POST' });
      expect([bad, answer.status, codesOf(answer)]).toEqual([bad, 400, ['NAME_INVALID']]);
    }
    const unknown = await client.send('/v2/nowhere/app/blobs/uploads/', { method: 'POST' });
    expect([unknown.status, codesOf(unknown)]).toEqual([404, ['NAME_UNKNOWN']]);
    const other = await client.send('/v2/generic-local/app/blobs/uploads/', { method: 'POST' });
    expect([other.status, codesOf(other)]).toEqual([404, ['NAME_UNKNOWN']]);
  });
});

describe('Pushing a blob in chunks', () => {
  it('with Content-Range, each chunk to another node', async () => {
    const bytes = randomBytes(2_000_000);
    const cuts = [0, 400_000, 900_001, 1_700_000, bytes.length];
    const begun = await client.send(`/v2/${name}/blobs/uploads/`, { method: 'POST', headers: { 'content-length': '0' } });
    expect(header(begun, 'oci-chunk-min-length')).toBe('1000');
    let at = location(begun);
    for (let index = 0; index < 3; index += 1) {
      const [start = 0, end = 0] = [cuts[index], cuts[index + 1]];
      const patched = await client.send(at, { method: 'PATCH', body: bytes.subarray(start, end), headers: { 'content-range': `${String(start)}-${String(end - 1)}` } });
      expect([patched.status, header(patched, 'range')]).toEqual([202, `0-${String(end - 1)}`]);
      at = location(patched);
      const status = await client.send(at);
      expect([status.status, header(status, 'range'), header(status, 'location')]).toEqual([204, `0-${String(end - 1)}`, at]);
    }
    const put = await client.send(withDigest(at, digestOf(bytes)), {
      method: 'PUT', body: bytes.subarray(cuts[3]), headers: { 'content-range': `${String(cuts[3])}-${String(bytes.length - 1)}` },
    });
    expect([put.status, header(put, 'location')]).toEqual([201, `/v2/${name}/blobs/${digestOf(bytes)}`]);
    expect(digestOf((await client.send(location(put))).body)).toBe(digestOf(bytes));
    expect((await client.send(at)).status).toBe(404);
    await expect.poll(piecesLeft).toEqual([]);
  });

  it('as one stream without Content-Range, closed by an empty PUT', async () => {
    const bytes = randomBytes(100_000);
    const patched = await client.send(await begin(), { method: 'PATCH', body: bytes });
    expect(patched.status).toBe(202);
    expect((await client.send(withDigest(location(patched), digestOf(bytes)), { method: 'PUT', headers: { 'content-length': '0' } })).status).toBe(201);
    expect(digestOf((await client.send(`/v2/${name}/blobs/${digestOf(bytes)}`)).body)).toBe(digestOf(bytes));
  });

  it('out of order is 416 with the range that is there', async () => {
    const at = await begin();
    const first = await client.send(at, { method: 'PATCH', body: 'wrong', headers: { 'content-range': '5-9' } });
    expect([first.status, codesOf(first), header(first, 'range'), header(first, 'location')]).toEqual([416, ['BLOB_UPLOAD_INVALID'], '0-0', at]);
    expect((await client.send(at, { method: 'PATCH', body: 'hello', headers: { 'content-range': '0-4' } })).status).toBe(202);
    for (const range of ['0-4', '6-10', '4-8', 'abc', '9-5']) {
      const again = await client.send(at, { method: 'PATCH', body: 'hello', headers: { 'content-range': range } });
      expect([range, again.status, header(again, 'range')]).toEqual([range, 416, '0-4']);
    }
    const last = await client.send(withDigest(at, digestOf('hellohello')), { method: 'PUT', body: 'hello', headers: { 'content-range': '6-10' } });
    expect([last.status, header(last, 'range')]).toEqual([416, '0-4']);
    const short = await client.send(at, { method: 'PATCH', body: 'hel', headers: { 'content-range': '5-9' } });
    expect([short.status, codesOf(short)]).toEqual([400, ['SIZE_INVALID']]);
    // none of that did any harm
    expect((await client.send(withDigest(at, digestOf('hello, world')), { method: 'PUT', body: ', world', headers: { 'content-range': '5-11' } })).status).toBe(201);
    await expect.poll(piecesLeft).toEqual([]);
  });

  it('takes a chunk below OCI-Chunk-Min-Length as the last one only', async () => {
    const at = await begin();
    const patch = (body: string) => client.send(at, { method: 'PATCH', body });
    expect((await patch('a'.repeat(1000))).status).toBe(202);
    expect((await patch('b'.repeat(999))).status).toBe(202);
    const further = await patch('c'.repeat(1000));
    expect([further.status, codesOf(further)]).toEqual([400, ['SIZE_INVALID']]);
    expect((await client.send(withDigest(at, digestOf('a'.repeat(1000) + 'b'.repeat(999))), { method: 'PUT', headers: { 'content-length': '0' } })).status).toBe(201);
  });

  it('takes so many chunks and no more, and then the rest at once', async () => {
    const at = await begin();
    const chunk = 'd'.repeat(1000);
    for (let count = 1; count <= 4; count += 1) expect((await client.send(at, { method: 'PATCH', body: chunk })).status).toBe(202);
    const fifth = await client.send(at, { method: 'PATCH', body: chunk });
    expect([fifth.status, codesOf(fifth), header(await client.send(at), 'range')]).toEqual([400, ['SIZE_INVALID'], '0-3999']);
    expect((await client.send(withDigest(at, digestOf(chunk.repeat(5))), { method: 'PUT', body: chunk })).status).toBe(201);
  });

  it('cancelling ends it and leaves nothing', async () => {
    const at = await begin();
    expect((await client.send(at, { method: 'PATCH', body: randomBytes(5000) })).status).toBe(202);
    expect(await piecesLeft()).toHaveLength(1);
    expect((await client.send(at, { method: 'DELETE' })).status).toBe(204);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const gone = await client.send(at, { method, ...(method === 'PATCH' ? { body: 'x' } : {}) });
      expect([method, gone.status, codesOf(gone)]).toEqual([method, 404, ['BLOB_UPLOAD_UNKNOWN']]);
    }
    await expect.poll(piecesLeft).toEqual([]);
  });

  it('a chunk whose handler is held up changes nothing of what was finished without it', async () => {
    const half = 600 * 1024;
    const bytes = randomBytes(2 * half);
    const range = `0-${String(bytes.length - 1)}`;
    const at = await begin();
    const wake = Promise.withResolvers<undefined>();
    const slow = Readable.from((async function* () {
      yield Buffer.alloc(half, 1);
      await wake.promise;
      yield Buffer.alloc(half, 1);
    })());
    const late = client.send(at, { method: 'PATCH', body: slow, headers: { 'content-range': range, 'content-length': String(bytes.length) } });
    // more than is gathered before it is written: the handler has its file open, and bytes in it
    await expect.poll(bytesInPieces).toBeGreaterThan(0);
    expect((await client.send(at, { method: 'PATCH', body: bytes, headers: { 'content-range': range } })).status).toBe(202);
    expect((await client.send(withDigest(at, digestOf(bytes)), { method: 'PUT', headers: { 'content-length': '0' } })).status).toBe(201);
    wake.resolve(undefined);
    expect((await late).status).toBe(404);
    expect(digestOf((await client.send(`/v2/${name}/blobs/${digestOf(bytes)}`)).body)).toBe(digestOf(bytes));
    await expect.poll(piecesLeft).toEqual([]);
  });

  it('two clients that continue one upload at the same place: one of them is told to go on elsewhere', async () => {
    const at = await begin();
    const attempts = await Promise.all([0, 1, 2, 3].map((number) => client.send(at, { method: 'PATCH', body: Buffer.alloc(50_000, number), headers: { 'content-range': '0-49999' } })));
    expect(attempts.map(({ status }) => status).sort()).toEqual([202, 416, 416, 416]);
    expect(header(await client.send(at), 'range')).toBe('0-49999');
    expect(await piecesLeft()).toHaveLength(1);
    expect((await client.send(at, { method: 'DELETE' })).status).toBe(204);
  });
});

describe('Mounting a blob from another repository', () => {
  it('takes it over, by name or from wherever it is, and falls back to an upload', async () => {
    const bytes = randomBytes(4000);
    const digest = await client.pushBlob('images/base', bytes);
    const mounted = await client.send(`/v2/images/derived/blobs/uploads/?mount=${digest}&from=images/base`, { method: 'POST' });
    expect([mounted.status, header(mounted, 'location')]).toEqual([201, `/v2/images/derived/blobs/${digest}`]);
    expect((await client.send(location(mounted))).body.equals(bytes)).toBe(true);
    const anywhere = await client.send(`/v2/images/other/blobs/uploads/?mount=${digest}`, { method: 'POST' });
    expect([anywhere.status, header(anywhere, 'location')]).toEqual([201, `/v2/images/other/blobs/${digest}`]);
    for (const from of ['images/nothing', 'nowhere/base', 'generic-local/base', 'images', 'images/BAD']) {
      const fallback = await client.send(`/v2/images/third/blobs/uploads/?mount=${digest}&from=${from}`, { method: 'POST' });
      expect([from, fallback.status]).toEqual([from, 202]);
      expect((await client.send(withDigest(location(fallback), digest), { method: 'PUT', body: bytes })).status).toBe(201);
    }
    const unknown = await client.send(`/v2/images/third/blobs/uploads/?mount=${digestOf('never seen')}`, { method: 'POST' });
    expect(unknown.status).toBe(202);
  });
});

describe('Pushing Manifests', () => {
  const config = '{"architecture":"amd64","os":"linux"}';
  const layer = randomBytes(3000);

  it('by tag and by digest, again and again', async () => {
    await client.pushBlob(name, config);
    await client.pushBlob(name, layer);
    const manifest = JSON.stringify(imageManifest(config, [layer]));
    const digest = digestOf(manifest);
    for (const reference of ['1.0', '1.0', 'latest', digest]) {
      const put = await client.pushManifest(name, reference, manifest);
      expect([put.status, header(put, 'location'), header(put, 'docker-content-digest')]).toEqual([201, `/v2/${name}/manifests/${reference}`, digest]);
    }
    for (const reference of ['1.0', 'latest', digest]) {
      const got = await client.send(`/v2/${name}/manifests/${reference}`, { headers: { accept: imageType } });
      expect([got.status, header(got, 'content-type'), header(got, 'docker-content-digest'), got.text()]).toEqual([200, imageType, digest, manifest]);
    }
  });

  it('an image without layers', async () => {
    await client.pushBlob(name, config);
    expect((await client.pushManifest(name, 'empty', imageManifest(config, []))).status).toBe(201);
  });

  it('of eight megabytes at most, and of more than four', async () => {
    await client.pushBlob(name, config);
    const big = imageManifest(config, [], { annotations: { filler: 'x'.repeat(4.5 * 1024 * 1024) } });
    const put = await client.pushManifest(name, 'big', big);
    expect(put.status).toBe(201);
    expect((await client.send(`/v2/${name}/manifests/big`)).text()).toBe(JSON.stringify(big));
    const bigger = await client.pushManifest(name, 'bigger', imageManifest(config, [], { annotations: { filler: 'x'.repeat(8 * 1024 * 1024) } }));
    expect([bigger.status, codesOf(bigger)]).toEqual([413, ['SIZE_INVALID']]);
    expect((await client.send(`/v2/${name}/manifests/bigger`)).status).toBe(404);
  });

  it('that name what is not there is MANIFEST_BLOB_UNKNOWN, once for each', async () => {
    const put = await client.pushManifest(name, 'broken', imageManifest(config, ['not here', 'nor this', layer]));
    expect([put.status, codesOf(put)]).toEqual([404, ['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN']]);
    const { errors } = put.json() as { errors: { detail: { digest: string } }[] };
    expect(errors.map(({ detail }) => detail.digest)).toEqual([digestOf('not here'), digestOf('nor this')]);
    expect((await client.send(`/v2/${name}/manifests/broken`)).status).toBe(404);
    // blobs under another name do not count
    expect((await client.pushManifest('images/elsewhere', 'broken', imageManifest(config, [layer]))).status).toBe(404);
  });

  it('under another digest is DIGEST_INVALID; what is no manifest is MANIFEST_INVALID', async () => {
    const wrong = await client.pushManifest(name, digestOf('other'), imageManifest(config, []));
    expect([wrong.status, codesOf(wrong)]).toEqual([400, ['DIGEST_INVALID']]);
    const bad: [string, unknown, string][] = [
      ['no JSON', 'hello', imageType], ['a list', [], imageType], ['without layers', { schemaVersion: 2, config: {} }, imageType],
      ['another type inside', imageManifest(config, [], { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }), imageType],
      ['an index that is none', { schemaVersion: 2, layers: [] }, 'application/vnd.oci.image.index.v1+json'],
      ['schema 1', { schemaVersion: 1, fsLayers: [] }, 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
      ['a bad digest', imageManifest(config, [], { layers: [{ mediaType: 'a/b', digest: 'sha256:zz', size: 1 }] }), imageType],
    ];
    for (const [what, manifest, type] of bad) {
      const put = await client.pushManifest(name, 'bad', manifest, type);
      expect([what, put.status, codesOf(put)]).toEqual([what, 400, ['MANIFEST_INVALID']]);
    }
    const tag = await client.pushManifest(name, '.bad', imageManifest(config, []));
    expect([tag.status, codesOf(tag)]).toEqual([400, ['MANIFEST_INVALID']]);
    expect((await client.send(`/v2/${name}/manifests/bad`)).status).toBe(404);
  });

  it('moves a tag, at once for every node', async () => {
    await client.pushBlob(name, config);
    for (let round = 0; round < 6; round += 1) {
      const manifest = JSON.stringify(imageManifest(config, [], { annotations: { round: String(round) } }));
      expect((await client.pushManifest(name, 'moving', manifest)).status).toBe(201);
      for (const _node of cluster.nodes) expect((await client.send(`/v2/${name}/manifests/moving`)).text()).toBe(manifest);
    }
  });
});

describe('below /artifactory/api/docker', () => {
  it('the same registry, with the repository before /v2', async () => {
    const base = '/artifactory/api/docker/images/v2';
    expect((await client.send(`${base}/`)).status).toBe(200);
    const begun = await client.send(`${base}/nested/tool/blobs/uploads/`, { method: 'POST' });
    expect(location(begun)).toMatch(/^\/artifactory\/api\/docker\/images\/v2\/nested\/tool\/blobs\/uploads\//);
    const put = await client.send(withDigest(location(begun), digestOf('{}')), { method: 'PUT', body: '{}' });
    expect([put.status, header(put, 'location')]).toEqual([201, `${base}/nested/tool/blobs/${digestOf('{}')}`]);
    const manifest = JSON.stringify(imageManifest('{}', []));
    expect((await client.send(`${base}/nested/tool/manifests/v1`, { method: 'PUT', body: manifest, headers: { 'content-type': imageType } })).status).toBe(201);
    expect((await client.send('/v2/images/nested/tool/manifests/v1')).text()).toBe(manifest);
    expect((await client.send('/api/docker/images/v2/nested/tool/manifests/v1')).text()).toBe(manifest);
    // where Artifactory has it
    expect((await client.send('/artifactory/images/nested/tool/v1/manifest.json')).text()).toBe(manifest);
  });

  it('keeps other files out, and lets nobody put a wrong blob', async () => {
    for (const path of ['a.txt', 'app/_blobs/abc', `app/_manifests/${digestOf('x')}`, 'app/1.0/manifest.json']) {
      expect([path, (await client.send(`/artifactory/images/${path}`, { method: 'PUT', body: 'x' })).status]).toEqual([path, 409]);
    }
    expect((await client.send(`/artifactory/images/app/_blobs/${digestOf('y')}`, { method: 'PUT', body: 'x' })).status).toBe(409);
    expect((await client.send(`/artifactory/images/app/_blobs/${digestOf('x')}`, { method: 'PUT', body: 'x' })).status).toBe(201);
  });
});
