import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf, configType, descriptor, digestOf, header, imageManifest, imageType, indexType, type Descriptor, type OciClient } from './oci-client.ts';
import { makeRepository, startRegistry, type TestRegistry } from './registry.ts';

/* OCI distribution specification 1.1, workflow "Content Discovery". */
let registry: TestRegistry;
let client: OciClient;
const name = 'images/discover/app';
const config = '{"architecture":"amd64","os":"linux"}';

beforeAll(async () => {
  registry = await startRegistry();
  ({ client } = registry);
  await client.pushBlob(name, config);
});
afterAll(() => registry[Symbol.asyncDispose]());

describe('Listing Tags', () => {
  const all = ['0', '1.0', '1.0-rc', '_x', 'a', 'a-1', 'a.b', 'latest', 'Z'];
  const list = async (query = ''): Promise<{ tags: string[]; link: string | undefined }> => {
    const answer = await client.send(`/v2/${name}/tags/list${query}`);
    expect(answer.status).toBe(200);
    const { name: named, tags } = answer.json() as { name: string; tags: string[] };
    expect(named).toBe(name);
    return { tags, link: header(answer, 'link') };
  };

  it('is in lexical order, without regard to case', async () => {
    for (const tag of [...all].reverse()) expect((await client.pushManifest(name, tag, imageManifest(config, []))).status).toBe(201);
    expect(await list()).toEqual({ tags: all, link: undefined });
  });

  it('asked for by HEAD, says what GET says and sends no body', async () => {
    const [asked, got] = [await client.send(`/v2/${name}/tags/list?n=1`, { method: 'HEAD' }), await client.send(`/v2/${name}/tags/list?n=1`)];
    expect([asked.status, header(asked, 'link'), header(asked, 'content-type'), header(asked, 'content-length'), asked.body.length]).toEqual([200, header(got, 'link'), header(got, 'content-type'), header(got, 'content-length'), 0]);
  });

  it('with n and last, from page to page by Link', async () => {
    expect((await list('?n=0')).tags).toEqual([]);
    expect((await list('?n=100')).link).toBeUndefined();
    expect((await list('?n=2&last=a')).tags).toEqual(['a-1', 'a.b']);
    expect((await list('?last=b')).tags).toEqual(['latest', 'Z']);
    expect((await list('?last=z')).tags).toEqual([]);
    expect((await list('?n=9')).link).toBeUndefined();
    for (const n of [1, 2, 4, 8]) {
      const seen: string[] = [];
      let path: string | undefined = `/v2/${name}/tags/list?n=${String(n)}`;
      while (path !== undefined) {
        const answer = await client.send(path);
        seen.push(...(answer.json() as { tags: string[] }).tags);
        path = /^<(.*)>; rel="next"$/.exec(header(answer, 'link') ?? '')?.[1];
      }
      expect(seen).toEqual(all);
    }
    expect((await client.send(`/v2/${name}/tags/list?n=x`)).status).toBe(400);
  });

  it('holds no names below, and is there without tags; a name of which nothing is known is NAME_UNKNOWN', async () => {
    await client.pushBlob('images/discover/app/nested', config);
    expect((await client.pushManifest('images/discover/app/nested', 'inner', imageManifest(config, []))).status).toBe(201);
    expect((await list()).tags).toEqual(all);
    await client.pushBlob('images/untagged', config);
    expect((await client.send('/v2/images/untagged/tags/list')).json()).toEqual({ name: 'images/untagged', tags: [] });
    for (const unknown of ['images/nothing', 'nowhere/app', 'generic-local/app']) {
      const answer = await client.send(`/v2/${unknown}/tags/list`);
      expect([unknown, answer.status, codesOf(answer)]).toEqual([unknown, 404, ['NAME_UNKNOWN']]);
    }
  });
});

describe('Listing Referrers', () => {
  const app = 'images/referred';
  const empty = '{}';
  const subject = JSON.stringify(imageManifest(config, [], { annotations: { the: 'subject' } }));
  const about = (more: Record<string, unknown>, of: Descriptor = descriptor(imageType, subject)): Record<string, unknown> => ({
    schemaVersion: 2, mediaType: imageType, config: descriptor('application/vnd.oci.empty.v1+json', empty), layers: [], subject: of, ...more,
  });
  const sbom = about({ artifactType: 'application/vnd.example.sbom', annotations: { kind: 'sbom' } });
  const byConfig = about({ config: descriptor('application/vnd.example.signature', empty), annotations: { kind: 'signature' } });
  const index = { schemaVersion: 2, mediaType: indexType, artifactType: 'application/vnd.example.sbom', manifests: [], subject: descriptor(imageType, subject), annotations: { kind: 'index' } };
  const referrers = async (digest: string, query = ''): Promise<{ manifests: (Descriptor & { artifactType?: string })[]; filtered: string | undefined }> => {
    const answer = await client.send(`/v2/${app}/referrers/${digest}${query}`);
    expect([answer.status, header(answer, 'content-type')]).toEqual([200, indexType]);
    const body = answer.json() as { schemaVersion: number; mediaType: string; manifests: Descriptor[] };
    expect([body.schemaVersion, body.mediaType]).toEqual([2, indexType]);
    return { manifests: body.manifests, filtered: header(answer, 'oci-filters-applied') };
  };
  const described = (manifest: Record<string, unknown>, artifactType: string): Record<string, unknown> => ({
    mediaType: manifest['mediaType'], digest: digestOf(JSON.stringify(manifest)), size: JSON.stringify(manifest).length, artifactType, annotations: manifest['annotations'],
  });
  const byDigest = (a: { digest?: unknown }, b: { digest?: unknown }): number => (String(a.digest) < String(b.digest) ? -1 : 1);

  it('those pushed before their subject and those pushed after it, with OCI-Subject in each answer', async () => {
    for (const blob of [config, empty]) await client.pushBlob(app, blob);
    expect((await referrers(digestOf(subject))).manifests).toEqual([]);
    const before = await client.pushManifest(app, digestOf(JSON.stringify(sbom)), sbom);
    expect([before.status, header(before, 'oci-subject')]).toEqual([201, digestOf(subject)]);
    expect((await referrers(digestOf(subject))).manifests).toEqual([described(sbom, 'application/vnd.example.sbom')]);
    const plain = await client.pushManifest(app, 'v1', subject);
    expect([plain.status, header(plain, 'oci-subject')]).toEqual([201, undefined]);
    expect(header(await client.pushManifest(app, digestOf(JSON.stringify(byConfig)), byConfig), 'oci-subject')).toBe(digestOf(subject));
    expect(header(await client.pushManifest(app, digestOf(JSON.stringify(index)), index, indexType), 'oci-subject')).toBe(digestOf(subject));

    const expected = [described(sbom, 'application/vnd.example.sbom'), described(byConfig, 'application/vnd.example.signature'), described(index, 'application/vnd.example.sbom')];
    for (const _node of registry.cluster.nodes) {
      expect((await referrers(digestOf(subject))).manifests.sort(byDigest)).toEqual(expected.sort(byDigest));
    }
  });

  it('filtered by artifactType, and it says so', async () => {
    const { manifests, filtered } = await referrers(digestOf(subject), `?artifactType=${encodeURIComponent('application/vnd.example.sbom')}`);
    expect(filtered).toBe('artifactType');
    expect(manifests.sort(byDigest)).toEqual([described(sbom, 'application/vnd.example.sbom'), described(index, 'application/vnd.example.sbom')].sort(byDigest));
    expect((await referrers(digestOf(subject), '?artifactType=none')).manifests).toEqual([]);
    expect((await referrers(digestOf(subject))).filtered).toBeUndefined();
  });

  it('of a digest that nobody knows is an empty list; one that is no digest is refused', async () => {
    expect((await referrers(digestOf('nobody'))).manifests).toEqual([]);
    const bad = await client.send(`/v2/${app}/referrers/latest`);
    expect([bad.status, codesOf(bad)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  it('with those that a client keeps under the fallback tag', async () => {
    const old = descriptor('application/vnd.example.old', 'old');
    const tag = digestOf(subject).replace(':', '-');
    const entry = { ...described(sbom, 'application/vnd.example.sbom') };
    // a client of before lists what lies beside it: one known already, one that has no subject
    const lone = JSON.stringify(imageManifest(config, [], { annotations: { lone: 'yes' } }));
    expect((await client.pushManifest(app, digestOf(lone), lone)).status).toBe(201);
    const fallback = { schemaVersion: 2, mediaType: indexType, manifests: [entry, { ...old, ...descriptor(imageType, lone), artifactType: 'application/vnd.example.old' }] };
    expect((await client.pushManifest(app, tag, fallback, indexType)).status).toBe(201);
    const { manifests } = await referrers(digestOf(subject));
    expect(manifests).toHaveLength(4);
    expect(manifests.map(({ digest }) => digest)).toContain(digestOf(lone));
  });

  it('goes with the manifest that refers', async () => {
    const before = (await referrers(digestOf(subject))).manifests.length;
    expect((await client.send(`/v2/${app}/manifests/${digestOf(JSON.stringify(byConfig))}`, { method: 'DELETE' })).status).toBe(202);
    for (const _node of registry.cluster.nodes) expect((await referrers(digestOf(subject))).manifests).toHaveLength(before - 1);
  });
});

it('the catalog lists names that hold manifests, of all repositories or of one, in pages', async () => {
  await makeRepository(registry.cluster, 'charts', { rclass: 'local', packageType: 'helmoci' });
  await client.pushBlob('charts/team/chart', config);
  await client.pushManifest('charts/team/chart', '1.0.0', imageManifest(config, []));
  const all = ['charts/team/chart', 'images/discover/app', 'images/discover/app/nested', 'images/referred'];
  expect((await client.send('/v2/_catalog')).json()).toEqual({ repositories: all });
  expect((await client.send('/artifactory/api/docker/images/v2/_catalog')).json()).toEqual({ repositories: ['discover/app', 'discover/app/nested', 'referred'] });
  const first = await client.send('/v2/_catalog?n=3');
  expect((first.json() as { repositories: string[] }).repositories).toEqual(all.slice(0, 3));
  const next = /^<(.*)>; rel="next"$/.exec(header(first, 'link') ?? '')?.[1] ?? '';
  expect((await client.send(next)).json()).toEqual({ repositories: all.slice(3) });
});

it('docker search finds names by a part of them, in pages', async () => {
  expect((await client.send('/v1/_ping')).json()).toEqual({ standalone: true });
  const search = async (query: string): Promise<unknown> => {
    const { num_results: count, results } = (await client.send(`/v1/search?${query}`)).json() as { num_results: number; results: { name: string }[] };
    return [count, results.map(({ name }) => name)];
  };
  expect(await search('q=APP')).toEqual([2, ['images/discover/app', 'images/discover/app/nested']]);
  expect(await search('q=app&n=1&page=2')).toEqual([2, ['images/discover/app/nested']]);
  expect(await search('q=nothing-like-it')).toEqual([0, []]);
  expect((await registry.cluster.nodes[0]!.client.request('/v1/search?q=app', { as: null })).status).toBe(401);
});

describe('artifacts of other kinds', () => {
  it('a Helm chart', async () => {
    const chart = Buffer.from('a chart');
    const chartConfig = '{"name":"chart","version":"1.2.3","apiVersion":"v2"}';
    const manifest = {
      schemaVersion: 2, config: { ...descriptor(configType, chartConfig), mediaType: 'application/vnd.cncf.helm.config.v1+json' },
      layers: [descriptor('application/vnd.cncf.helm.chart.content.v1.tar+gzip', chart)], annotations: { 'org.opencontainers.image.version': '1.2.3' },
    };
    for (const blob of [chartConfig, chart]) await client.pushBlob('charts/team/other', blob);
    expect((await client.pushManifest('charts/team/other', '1.2.3', manifest)).status).toBe(201);
    const got = await client.send('/v2/charts/team/other/manifests/1.2.3', { headers: { accept: imageType } });
    expect([header(got, 'content-type'), got.json()]).toEqual([imageType, manifest]);
  });

  it('an artifact as ORAS pushes it, and a manifest of a type that nobody here knows', async () => {
    const file = Buffer.from('hello');
    for (const blob of ['{}', file]) await client.pushBlob('images/oras', blob);
    const artifact = {
      schemaVersion: 2, mediaType: imageType, artifactType: 'application/vnd.acme.rocket.config', config: descriptor('application/vnd.oci.empty.v1+json', '{}'),
      layers: [{ ...descriptor('text/plain', file), annotations: { 'org.opencontainers.image.title': 'hello.txt' } }],
    };
    expect((await client.pushManifest('images/oras', 'v1', artifact)).status).toBe(201);
    expect((await client.send('/v2/images/oras/manifests/v1')).json()).toEqual(artifact);
    const type = 'application/vnd.example.thing.v9+json';
    const thing = { mediaType: type, blobs: [descriptor('text/plain', file)], more: { of: ['it'] } };
    expect((await client.pushManifest('images/oras', 'thing', thing, type)).status).toBe(201);
    const got = await client.send('/v2/images/oras/manifests/thing');
    expect([header(got, 'content-type'), got.json()]).toEqual([type, thing]);
    expect(codesOf(await client.pushManifest('images/oras', 'thing', { ...thing, blobs: [descriptor('text/plain', 'absent')] }, type))).toEqual(['MANIFEST_BLOB_UNKNOWN']);
  });

  it('an index needs its manifests', async () => {
    await client.pushBlob('images/multi', config);
    const child = JSON.stringify(imageManifest(config, []));
    const index = { schemaVersion: 2, mediaType: indexType, manifests: [{ ...descriptor(imageType, child), platform: { os: 'linux', architecture: 'amd64' } }] };
    const early = await client.pushManifest('images/multi', 'latest', index, indexType);
    expect([early.status, codesOf(early)]).toEqual([404, ['MANIFEST_BLOB_UNKNOWN']]);
    expect((await client.pushManifest('images/multi', digestOf(child), child)).status).toBe(201);
    expect((await client.pushManifest('images/multi', 'latest', index, indexType)).status).toBe(201);
    const got = await client.send('/v2/images/multi/manifests/latest');
    expect([header(got, 'content-type'), got.json()]).toEqual([indexType, index]);
  });
});
