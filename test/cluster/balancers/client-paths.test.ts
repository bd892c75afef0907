import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BalancerProduct } from '../../../electron/contract/index.ts';
import { ImageLayout } from '../../clients/oci/image-layout.ts';
import { Skopeo } from '../../clients/oci/skopeo.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { freePort } from '../../harness/free-port.ts';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { configType, digestOf, imageManifest, imageType, layerType, withDigest } from '../oci/oci-client.ts';
import { RealBalancer } from './real-balancer.ts';

/** What clients of all kinds send, byte for byte, and what they get back, through each product. */

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** sent in pieces, without a length */
  readonly chunks?: readonly Buffer[];
}
interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, config: { http: { trustedProxies: ['127.0.0.1'] } } });
  for (const [key, packageType] of [['images', 'docker'], ['npm-local', 'npm'], ['files', 'generic']]) {
    const made = await cluster.nodes[0]!.client.put(`/api/repositories/${key!}`, JSON.stringify({ rclass: 'local', packageType }), { headers: { 'content-type': 'application/json' } });
    expect([key, made.status]).toEqual([key, 200]);
  }
});
afterAll(() => cluster.stop());

/** One request whose target is sent as it is: neither encoded, nor decoded, nor normalized. */
function send(base: string, target: string, { method = 'GET', headers = {}, body, chunks }: Sent = {}): Promise<Got> {
  const { hostname, port } = new URL(base);
  const authorization = `Basic ${Buffer.from(`${cluster.admin.user}:${cluster.admin.password}`).toString('base64')}`;
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ hostname, port, path: target, method, headers: { authorization, ...headers } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part)).on('end', () => { resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }); }).on('error', reject);
    }).on('error', reject);
    for (const chunk of chunks ?? []) asked.write(chunk);
    asked.end(body);
  });
}

const json = (value: unknown): Pick<Sent, 'headers' | 'body'> => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });

/** Where a Location leads when it is followed through the same address again. */
function followed({ headers: { location } }: Got, base: string): string {
  if (typeof location !== 'string') throw new Error('there is no Location');
  const { pathname, search, origin } = new URL(location, base);
  // never a node's own address, and never what a client has called itself
  expect([base, new URL(cluster.balancer.url).origin]).toContain(origin);
  return `${pathname}${search}`;
}

type Front = 'embedded' | BalancerProduct;

test.each<Front>(['nginx', 'haproxy', 'apache', 'embedded'])('%s passes on what clients of all kinds send, and what they are told to ask next', async (front) => {
  await using clean = new AsyncDisposableStack();
  const backends = cluster.nodes.map(({ nodeId, url }) => ({ nodeId, url, state: 'serving' as const }));
  const base = front === 'embedded' ? cluster.balancer.url : clean.use(await RealBalancer.start(front, await freePort(), backends)).url;
  await waitFor('a node to be used', async () => (await send(base, '/artifactory/api/system/ping')).status === 200);
  const direct = cluster.nodes[1]!.url;

  // paths: each file is read back through the balancer and, under the same target, from a node
  const files = [
    'plain.txt', 'a%20b/c%2Bd+e.txt', '%C3%BC/%E6%97%A5%E6%9C%AC.txt', 'percent%25.txt', 'semi%3Bcolon.txt', 'question%3Fmark%23hash.txt', "it's(1)!~*$&,@x=y:z.txt",
    '@scope/pack-1.0.0.tgz', 'a..b/.hidden', 'UPPER/lower', 'brackets%5B1%5D.txt', 'quote%22.txt', 'pipe%7C.txt',
  ];
  await Promise.all(files.map(async (file) => {
    const target = `/artifactory/files/${front}/${file}`;
    expect([file, (await send(base, target, { method: 'PUT', body: file })).status]).toEqual([file, 201]);
    const [through, straight, head] = await Promise.all([send(base, target), send(direct, target), send(base, target, { method: 'HEAD' })]);
    expect([file, through.body.toString(), straight.body.toString(), head.headers['content-length']]).toEqual([file, file, file, String(Buffer.byteLength(file))]);
  }));
  // properties as matrix parameters, with values that have to stay encoded until the node takes them apart
  const withProperties = `/artifactory/files/${front}/props.txt;build=1%2F2;tag=a%3Bb,c;plus=a+b`;
  expect((await send(base, withProperties, { method: 'PUT', body: 'p' })).status).toBe(201);
  const stored = JSON.parse((await send(direct, `/artifactory/api/storage/files/${front}/props.txt?properties`)).body.toString()) as { properties: unknown };
  expect(stored.properties).toEqual({ build: ['1/2'], tag: ['a;b,c'], plus: ['a+b'] });
  // queries
  const found = await send(base, `/artifactory/api/search/prop?build=1%2F2&plus=${encodeURIComponent('a+b')}&repos=files`);
  expect((JSON.parse(found.body.toString()) as { results: unknown[] }).results.length).toBeGreaterThan(0);

  // npm: a scoped name in one segment, either case of the escape
  const tarball = Buffer.from('not really a tarball').toString('base64');
  for (const [scope, slash] of [[`@${front}-a`, '%2f'], [`@${front}-b`, '%2F']] as const) {
    const name = `${scope}/name`;
    const published = await send(base, `/artifactory/api/npm/npm-local/${scope}${slash}name`, {
      method: 'PUT', ...json({
        _id: name, name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { name, version: '1.0.0', dist: {} } },
        _attachments: { [`${name}-1.0.0.tgz`]: { content_type: 'application/octet-stream', data: tarball, length: 20 } },
      }),
    });
    expect([published.status, published.body.toString().slice(0, 200)]).toEqual([201, expect.anything()]);
    const packument = JSON.parse((await send(base, `/artifactory/api/npm/npm-local/${scope}${slash}name`)).body.toString()) as { versions: Record<string, { dist: { tarball: string } }> };
    const address = new URL(packument.versions['1.0.0']!.dist.tarball);
    expect((await send(base, address.pathname)).body.toString()).toBe('not really a tarball');
  }

  // Artifactory's access API, beside the context path
  const token = await send(base, '/access/api/v1/tokens', { method: 'POST', ...json({ description: front }) });
  expect([token.status, typeof (JSON.parse(token.body.toString()) as { access_token: unknown }).access_token]).toEqual([200, 'string']);

  // headers as large as a node takes them, on one line or on many
  const large = randomBytes(18_000).toString('base64');
  expect((await send(base, '/artifactory/api/system/ping', { headers: { 'x-large': large } })).status).toBe(200);
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`x-header-${index}`, 'v'.repeat(300)]));
  expect((await send(base, '/artifactory/api/system/ping', { headers: many })).status).toBe(200);

  // what a client says of itself is replaced: the audit log names the balancer's peer
  const forged = `forged-${front}`;
  const lies = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9;host=evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
  const made = await send(base, `/artifactory/api/repositories/${forged}`, { method: 'PUT', body: JSON.stringify({ rclass: 'local', packageType: 'generic' }), headers: { ...lies, 'content-type': 'application/json' } });
  expect(made.status).toBe(200);
  const entry = await waitFor('the entry in the audit log', async () => {
    const { entries } = JSON.parse((await send(direct, '/artifactory/api/v1/audit?limit=200')).body.toString()) as { entries: { address: string }[] };
    return entries.find((each) => JSON.stringify(each).includes(forged)) ?? false;
  });
  expect(entry.address).toBe('127.0.0.1');
  const told = await send(base, `/artifactory/api/storage/files/${front}/plain.txt`, { headers: lies });
  expect(told.body.toString()).not.toContain('evil.example');

  await pushImage(base, `images/${front}/tool`, lies);

  await using folder = await temporaryFolder('skopeo');
  const registry = new URL(base).host;
  const skopeo = await Skopeo.prepare(join(folder.path, 'home'), registry, cluster.admin);
  const layout = new ImageLayout(join(folder.path, 'image'));
  const digest = await layout.write('1.0', ['amd64'], 300_000);
  await skopeo.run('copy', `oci:${layout.folder}:1.0`, `docker://${registry}/images/${front}/by-skopeo:1.0`);
  expect(JSON.parse(await skopeo.run('inspect', `docker://${registry}/images/${front}/by-skopeo:1.0`))).toMatchObject({ Digest: digest });
});

/** An image by raw HTTP: a layer in chunks, each at the Location of the one before, with a length and without. */
async function pushImage(base: string, name: string, lies: Readonly<Record<string, string>>): Promise<void> {
  const pieces = [randomBytes(400_000), randomBytes(90_000), randomBytes(10)];
  const layer = Buffer.concat(pieces);
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', name });
  let at = await send(base, `/v2/${name}/blobs/uploads/`, { method: 'POST', headers: lies });
  expect(at.status).toBe(202);
  let offset = 0;
  for (const [index, piece] of pieces.entries()) {
    const how: Sent = index === 1 ? { chunks: [piece.subarray(0, 50_000), piece.subarray(50_000)] } : { body: piece };
    at = await send(base, followed(at, base), {
      method: 'PATCH', ...how, headers: { 'content-type': 'application/octet-stream', 'content-range': `${offset}-${offset + piece.length - 1}`, ...(index === 1 ? {} : { 'content-length': String(piece.length) }) },
    });
    offset += piece.length;
    expect([at.status, at.headers['range']]).toEqual([202, `0-${offset - 1}`]);
  }
  at = await send(base, withDigest(followed(at, base), digestOf(layer)), { method: 'PUT', headers: { 'content-length': '0' } });
  expect(at.status).toBe(201);
  expect((await send(base, followed(at, base))).body.equals(layer)).toBe(true);

  const begun = await send(base, `/v2/${name}/blobs/uploads/`, { method: 'POST' });
  expect((await send(base, withDigest(followed(begun, base), digestOf(config)), { method: 'PUT', body: config, headers: { 'content-type': configType } })).status).toBe(201);
  const manifest = JSON.stringify(imageManifest(config, [layer]));
  expect(manifest).toContain(layerType);
  const put = await send(base, `/v2/${name}/manifests/1.0`, { method: 'PUT', body: manifest, headers: { 'content-type': imageType } });
  expect(put.status).toBe(201);
  expect((await send(base, followed(put, base), { headers: { accept: imageType } })).headers['docker-content-digest']).toBe(digestOf(manifest));
}
