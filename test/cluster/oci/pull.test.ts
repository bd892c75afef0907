import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf, digestOf, header, imageManifest, imageType, indexType, type OciClient } from './oci-client.ts';
import { makeUser, startRegistry, type TestRegistry } from './registry.ts';

/* OCI distribution specification 1.1, workflow "Pull". */
let registry: TestRegistry;
let client: OciClient;
const name = 'images/pull/app';
const config = '{"architecture":"amd64","os":"linux"}';
const small = randomBytes(2000);
const large = randomBytes(1_500_000);
const manifest = JSON.stringify(imageManifest(config, [small, large]));

beforeAll(async () => {
  registry = await startRegistry();
  ({ client } = registry);
  for (const bytes of [config, small, large]) await client.pushBlob(name, bytes);
  expect((await client.pushManifest(name, 'v1', manifest)).status).toBe(201);
});
afterAll(() => registry[Symbol.asyncDispose]());

describe('Determining Support', () => {
  it('GET /v2/', async () => {
    for (const path of ['/v2/', '/v2', '/artifactory/api/docker/images/v2/']) {
      const answer = await client.send(path);
      expect([path, answer.status, header(answer, 'docker-distribution-api-version')]).toEqual([path, 200, 'registry/2.0']);
      const nobody = await client.send(path, { as: null });
      expect([path, nobody.status, codesOf(nobody)]).toEqual([path, 401, ['UNAUTHORIZED']]);
      expect(header(nobody, 'www-authenticate')).toBeTruthy();
    }
  });

  it('methods that an address does not have', async () => {
    for (const [method, path] of [['POST', '/v2/'], ['PUT', `/v2/${name}/tags/list`], ['PATCH', `/v2/${name}/manifests/v1`], ['PUT', `/v2/${name}/blobs/${digestOf(small)}`]] as const) {
      const answer = await client.send(path, { method });
      expect([path, answer.status, codesOf(answer)]).toEqual([path, 405, ['UNSUPPORTED']]);
      expect(header(answer, 'allow')).toContain('GET');
    }
  });
});

describe('Pulling manifests', () => {
  it('GET and HEAD by tag and by digest', async () => {
    for (const reference of ['v1', digestOf(manifest), encodeURIComponent(digestOf(manifest))]) {
      for (const accept of [imageType, `${indexType}, ${imageType};q=0.5`, '*/*', '']) {
        const headers = accept === '' ? {} : { accept };
        const got = await client.send(`/v2/${name}/manifests/${reference}`, { headers });
        expect([got.status, header(got, 'content-type'), header(got, 'docker-content-digest'), got.text()]).toEqual([200, imageType, digestOf(manifest), manifest]);
        const head = await client.send(`/v2/${name}/manifests/${reference}`, { method: 'HEAD', headers });
        expect([head.status, header(head, 'content-type'), header(head, 'docker-content-digest'), header(head, 'content-length'), head.body.length])
          .toEqual([200, imageType, digestOf(manifest), String(manifest.length), 0]);
      }
    }
  });

  it('what is not there is MANIFEST_UNKNOWN', async () => {
    for (const reference of ['none', '.INVALID_MANIFEST_NAME', digestOf('none'), 'sha256:abc', 'x'.repeat(200)]) {
      for (const method of ['GET', 'HEAD']) expect([reference, (await client.send(`/v2/${name}/manifests/${reference}`, { method })).status]).toEqual([reference, 404]);
      expect(codesOf(await client.send(`/v2/${name}/manifests/${reference}`))).toEqual(['MANIFEST_UNKNOWN']);
    }
  });

  it('is answered 304 when it has not changed', async () => {
    const got = await client.send(`/v2/${name}/manifests/v1`);
    const again = await client.send(`/v2/${name}/manifests/v1`, { headers: { 'if-none-match': header(got, 'etag') ?? '' } });
    expect(again.status).toBe(304);
  });
});

describe('Pulling blobs', () => {
  it('GET and HEAD', async () => {
    for (const bytes of [Buffer.from(config), small, large]) {
      const got = await client.send(`/v2/${name}/blobs/${digestOf(bytes)}`);
      expect([got.status, header(got, 'docker-content-digest'), header(got, 'content-length'), digestOf(got.body)]).toEqual([200, digestOf(bytes), String(bytes.length), digestOf(bytes)]);
      const head = await client.send(`/v2/${name}/blobs/${digestOf(bytes)}`, { method: 'HEAD' });
      expect([head.status, header(head, 'docker-content-digest'), header(head, 'content-length')]).toEqual([200, digestOf(bytes), String(bytes.length)]);
    }
  });

  it('what is not there is BLOB_UNKNOWN, a digest that is none DIGEST_INVALID', async () => {
    const got = await client.send(`/v2/${name}/blobs/${digestOf('none')}`);
    expect([got.status, codesOf(got)]).toEqual([404, ['BLOB_UNKNOWN']]);
    expect((await client.send(`/v2/${name}/blobs/${digestOf('none')}`, { method: 'HEAD' })).status).toBe(404);
    const bad = await client.send(`/v2/${name}/blobs/sha256:short`);
    expect([bad.status, codesOf(bad)]).toEqual([400, ['DIGEST_INVALID']]);
    // what is elsewhere is not here
    expect((await client.send(`/v2/images/other/blobs/${digestOf(small)}`)).status).toBe(404);
  });

  it('parts of one', async () => {
    const path = `/v2/${name}/blobs/${digestOf(large)}`;
    for (const [range, start, end] of [['0-99', 0, 99], ['1000000-1000999', 1_000_000, 1_000_999], ['1499990-', 1_499_990, 1_499_999], ['-10', 1_499_990, 1_499_999]] as const) {
      const part = await client.send(path, { headers: { range: `bytes=${range}` } });
      expect([range, part.status, header(part, 'content-range')]).toEqual([range, 206, `bytes ${String(start)}-${String(end)}/1500000`]);
      expect(part.body.equals(large.subarray(start, end + 1))).toBe(true);
    }
    const beyond = await client.send(path, { headers: { range: 'bytes=2000000-' } });
    expect([beyond.status, header(beyond, 'content-range')]).toEqual([416, 'bytes */1500000']);
  });
});

it('readers pull and cannot push, nobody without a login gets anything', async () => {
  const reader = await makeUser(registry.cluster, 'puller', 'reader');
  expect((await client.send(`/v2/${name}/manifests/v1`, { as: reader })).status).toBe(200);
  expect((await client.send(`/v2/${name}/blobs/${digestOf(small)}`, { as: reader, method: 'HEAD' })).status).toBe(200);
  for (const [method, path] of [['POST', `/v2/${name}/blobs/uploads/`], ['PUT', `/v2/${name}/manifests/v2`], ['DELETE', `/v2/${name}/manifests/v1`], ['DELETE', `/v2/${name}/blobs/${digestOf(small)}`]] as const) {
    const answer = await client.send(path, { method, as: reader, ...(method === 'PUT' ? { body: manifest, headers: { 'content-type': imageType } } : {}) });
    expect([method, path, answer.status, codesOf(answer)]).toEqual([method, path, 403, ['DENIED']]);
    expect((await client.send(path, { method, as: null })).status).toBe(401);
  }
  expect((await client.send(`/v2/${name}/manifests/v1`, { as: null })).status).toBe(401);
  const wrong = await client.send(`/v2/${name}/manifests/v1`, { as: { user: 'puller', password: 'wrong' } });
  expect([wrong.status, codesOf(wrong)]).toEqual([401, ['UNAUTHORIZED']]);
});
