import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeZip } from '../../harness/archives.ts';
import { makeCertificates, type Certificates } from '../../harness/certificates.ts';
import { ForwardProxy } from '../../harness/forward-proxy.ts';
import type { Answer } from '../../harness/node-client.ts';
import { npmTarball } from '../../harness/npm-packages.ts';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { UpstreamServer } from '../../harness/upstream-server.ts';
import { startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
let folder: { readonly path: string; remove(): Promise<void> };
let certificates: Certificates;
let upstream: UpstreamServer;
let secure: Server;
let proxy: ForwardProxy;
const secureHosts: (string | undefined)[] = [];
const json = { 'content-type': 'application/json' };
const port = (server: Server): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  node = await startLoneNode();
  folder = await temporaryFolder('upstream-ways');
  certificates = makeCertificates(folder.path, ['DNS:registry.internal', 'IP:127.0.0.1']);
  secure = createServer({ key: certificates.key, cert: certificates.certificate }, (request, response) => {
    secureHosts.push(request.headers.host);
    response.end(`over TLS: ${request.url ?? ''}`);
  });
  await new Promise<void>((resolve) => { secure.listen(0, '127.0.0.1', resolve); });
  upstream = await UpstreamServer.start();
  proxy = await ForwardProxy.start();
  proxy.names.set('registry.internal', port(secure));
  proxy.names.set('plain.internal', upstream.port);
  proxy.tlsPorts.add(port(secure));
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  secure.closeAllConnections();
  await new Promise((resolve) => { secure.close(resolve); });
  await folder.remove();
});

async function remote(key: string, settings: Readonly<Record<string, unknown>>, packageType = 'generic'): Promise<void> {
  const made = await node.client.put(`/api/repositories/${key}`, JSON.stringify({ rclass: 'remote', packageType, url: upstream.url, allowPrivateAddresses: true, assumedOfflinePeriodSecs: 0, ...settings }), { headers: json });
  expect(made.status, made.text()).toBe(200);
}
const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => node.client.get(path, { headers });

test('an upstream with a certificate of an own authority is trusted by that authority, and by nothing else', async () => {
  const url = `https://127.0.0.1:${String(port(secure))}`;
  await remote('tls-known', { url, caCertificates: certificates.ca });
  expect((await get('/tls-known/a')).text()).toBe('over TLS: /a');
  await remote('tls-unknown', { url, hardFail: true });
  const refused = await get('/tls-unknown/a');
  expect([refused.status, refused.text()]).toEqual([502, expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE')]);
  const other = makeCertificates(folder.path, ['IP:127.0.0.1']);
  await remote('tls-other', { url, hardFail: true, caCertificates: other.ca });
  expect((await get('/tls-other/a')).status).toBe(502);
});

test('an outbound proxy is asked for a tunnel to TLS upstreams, and for plain ones in absolute form; it resolves the names', async () => {
  await remote('proxied', { url: 'https://registry.internal/base', proxy: proxy.url, caCertificates: certificates.ca });
  expect((await get('/proxied/a')).text()).toBe('over TLS: /base/a');
  expect(secureHosts.at(-1)).toBe('registry.internal');
  await remote('proxied-plain', { url: 'http://plain.internal/base', proxy: proxy.url });
  upstream.set('/base/b', 'plain');
  expect((await get('/proxied-plain/b')).text()).toBe('plain');
  expect(proxy.asked).toEqual(['CONNECT registry.internal:443', 'GET http://plain.internal/base/b']);
  expect(upstream.headers.at(-1)).toMatchObject({ host: 'plain.internal' });
});

test('an outbound proxy that wants a login gets it, and who asks upstream is another matter', async () => {
  proxy.login = `Basic ${Buffer.from('gate:pass:word').toString('base64')}`;
  try {
    const login = { proxy: proxy.url, proxyUsername: 'gate', proxyPassword: 'pass:word' };
    await remote('gated', { url: 'https://registry.internal/base', caCertificates: certificates.ca, ...login });
    expect((await get('/gated/a')).text()).toBe('over TLS: /base/a');
    await remote('gated-plain', { url: 'http://plain.internal/base', username: 'ada', password: 'upstream', ...login });
    upstream.set('/base/c', 'plain');
    expect((await get('/gated-plain/c')).text()).toBe('plain');
    expect(upstream.headers.at(-1)).toMatchObject({ authorization: `Basic ${Buffer.from('ada:upstream').toString('base64')}` });
    const shown = await get('/api/repositories/gated-plain');
    expect(shown.json()).toMatchObject({ proxyUsername: 'gate', proxyPasswordSet: true });
    expect(shown.text()).not.toContain('pass:word');
    // the login was meant for this proxy
    const moved = await node.client.post('/api/repositories/gated-plain', { proxy: 'http://127.0.0.1:9' });
    expect([moved.status, moved.text()]).toEqual([400, expect.stringContaining('proxyPassword')]);
    await remote('gate-closed', { url: 'http://plain.internal/base', proxy: proxy.url, hardFail: true });
    expect((await get('/gate-closed/c')).status).toBe(502);
    await remote('gate-closed-tls', { url: 'https://registry.internal/', proxy: proxy.url, hardFail: true, caCertificates: certificates.ca });
    expect((await get('/gate-closed-tls/c')).status).toBe(502);
  } finally {
    proxy.login = null;
  }
});

test('a proxy that refuses, and a certificate of another name behind one, are failures of upstream', async () => {
  proxy.names.set('other.internal', port(secure));
  await remote('wrong-name', { url: 'https://other.internal/', proxy: proxy.url, caCertificates: certificates.ca, hardFail: true });
  expect((await get('/wrong-name/a')).status).toBe(502);
  await remote('no-tunnel', { url: `https://plain.internal/`, proxy: proxy.url, hardFail: true });
  expect((await get('/no-tunnel/a')).status).toBe(502);
});

const codings = { gzip: gzipSync, 'x-gzip': gzipSync, br: brotliCompressSync, deflate: deflateSync } as const;
/** Compresses whether it was asked for or not, as some servers do. */
const encoded = (coding: keyof typeof codings, body: string | Buffer) => (_request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { 'content-encoding': coding, 'content-type': 'application/json' }).end(codings[coding](body));
};

test.each(Object.keys(codings) as (keyof typeof codings)[])('what comes encoded as %s is decoded: packuments, searches, audits, files', async (coding) => {
  const key = `npm-${coding}`;
  await remote(key, { url: `${upstream.url}/${coding}` }, 'npm');
  const manifest = { name: 'left', version: '1.0.0' };
  const tarball = npmTarball(manifest);
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  upstream.set(`/${coding}/left`, encoded(coding, JSON.stringify({
    name: 'left', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { ...manifest, dist: { tarball: `${upstream.url}/${coding}/left/-/left-1.0.0.tgz`, integrity } } },
  })));
  upstream.set(`/${coding}/left/-/left-1.0.0.tgz`, tarball);
  upstream.set(`/${coding}/-/v1/search`, encoded(coding, JSON.stringify({ objects: [{ package: { name: 'left', version: '1.0.0', description: 'd' } }], total: 1, time: 'now' })));
  upstream.set(`/${coding}/-/npm/v1/security/advisories/bulk`, encoded(coding, JSON.stringify({ left: [{ id: 1, severity: 'high' }] })));
  expect((await get(`/api/npm/${key}/left`)).json()).toMatchObject({ versions: { '1.0.0': { dist: { integrity } } } });
  expect((await get(`/api/npm/${key}/left/-/left-1.0.0.tgz`)).body.equals(tarball)).toBe(true);
  expect((await get(`/api/npm/${key}/-/v1/search?text=left`)).json()).toMatchObject({ objects: [{ package: { name: 'left' } }] });
  const audit = await node.client.post(`/api/npm/${key}/-/npm/v1/security/advisories/bulk`, { left: ['1.0.0'] });
  expect(audit.json()).toEqual({ left: [{ id: 1, severity: 'high' }] });

  await remote(`files-${coding}`, { url: `${upstream.url}/${coding}` });
  upstream.set(`/${coding}/a.txt`, encoded(coding, 'a text'));
  expect((await get(`/files-${coding}/a.txt`)).text()).toBe('a text');
  expect((await get(`/files-${coding}/a.txt.sha1`)).text()).toBe(createHash('sha1').update('a text').digest('hex'));
  // an archive that a server takes for an encoding stays what it is
  const archive = gzipSync('an archive');
  upstream.set(`/${coding}/a.tar.gz`, (_request, response) => { response.writeHead(200, { 'content-encoding': 'x-gzip' }).end(archive); });
  expect((await get(`/files-${coding}/a.tar.gz`)).body.equals(archive)).toBe(true);
});

test('a damaged, cut off or unknown encoding is a failure of upstream, and nothing of it is kept', async () => {
  await remote('damaged', { hardFail: true });
  await remote('damaged-npm', {}, 'npm');
  const half = gzipSync('x'.repeat(1000)).subarray(0, 20);
  upstream.set('/cut.txt', (_request, response) => { response.writeHead(200, { 'content-encoding': 'gzip' }).end(half); });
  upstream.set('/wrong.txt', (_request, response) => { response.writeHead(200, { 'content-encoding': 'br' }).end('no brotli'); });
  upstream.set('/strange.txt', (_request, response) => { response.writeHead(200, { 'content-encoding': 'zstd' }).end('?'); });
  for (const name of ['cut.txt', 'wrong.txt', 'strange.txt']) {
    const answer = await get(`/damaged/${name}`).catch((error: unknown) => error as Error);
    // it may have begun already: then the connection breaks, and nobody takes it for whole
    if (!(answer instanceof Error)) expect([name, answer.status]).toEqual([name, 502]);
    expect((await get(`/api/storage/damaged/${name}`)).status).toBe(404);
  }
  upstream.set('/-/v1/search', (_request, response) => { response.writeHead(200, { 'content-encoding': 'gzip' }).end(half); });
  expect((await get('/api/npm/damaged-npm/-/v1/search?text=a')).status).toBe(502);
});

/** A registry that gives nothing without a token, with its token service at another address. */
function guarded(path: string, tokens: UpstreamServer, body: string, wants: (authorization: string | undefined) => string | null): void {
  let given = 0;
  const valid = new Set<string>();
  tokens.set('/token', (request, response) => {
    const { searchParams } = new URL(request.url ?? '', tokens.url);
    const who = wants(request.headers.authorization);
    if (who === null || searchParams.get('service') !== 'registry' || searchParams.get('scope') !== 'repository:team/app:pull') {
      response.writeHead(401).end();
      return;
    }
    given += 1;
    valid.add(`${who}-${String(given)}`);
    response.writeHead(200, json).end(JSON.stringify({ token: `${who}-${String(given)}`, expires_in: 300 }));
  });
  upstream.set(path, (request, response) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !valid.delete(token)) {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${tokens.url}/token",service="registry",scope="repository:team/app:pull"` }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json', 'docker-content-digest': `sha256:${createHash('sha256').update(body).digest('hex')}` }).end(body);
  });
}

test('a Bearer challenge is answered with a token, anonymously and with credentials, and again when the token has ended', async () => {
  await using tokens = await UpstreamServer.start();
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${'0'.repeat(64)}`, size: 2 }, layers: [] });
  const address = '/v2/team/app/manifests/latest';
  const pull = async (key: string): Promise<number> => {
    const answer = await node.client.get(`/api/docker/${key}/v2/team/app/manifests/latest`);
    if (answer.status === 200) expect(answer.text()).toBe(manifest);
    return answer.status;
  };
  const docker = (key: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> => remote(key, { retrievalCachePeriodSecs: 0, missedRetrievalCachePeriodSecs: 0, hardFail: true, ...more }, 'docker');
  await docker('anonymous');
  guarded(address, tokens, manifest, (authorization) => (authorization === undefined ? 'anybody' : null));
  // a token counts once there: the second pull meets the challenge with one that has ended
  expect([await pull('anonymous'), await pull('anonymous')]).toEqual([200, 200]);
  expect(tokens.asked).toHaveLength(2);

  await docker('known', { username: 'ada', password: 'pass:word' });
  const basic = `Basic ${Buffer.from('ada:pass:word').toString('base64')}`;
  guarded(address, tokens, manifest, (authorization) => (authorization === basic ? 'ada' : null));
  expect([await pull('known'), await pull('known')]).toEqual([200, 200]);

  await docker('wrong', { username: 'ada', password: 'wrong' });
  expect(await pull('wrong')).toBe(502);
  tokens.set('/token', (_request, response) => { response.writeHead(200, json).end('no token'); });
  await docker('nonsense', { username: 'ada', password: 'pass:word' });
  expect(await pull('nonsense')).toBe(502);
});

test('nothing is kept of an upstream when that is switched off: files, ranges, HEAD, packages and images are passed on each time', async () => {
  await remote('passing', { storeArtifactsLocally: false });
  upstream.set('/dir/a.bin', '0123456789');
  for (let time = 1; time <= 2; time += 1) {
    const whole = await get('/passing/dir/a.bin');
    expect([whole.status, whole.text(), whole.headers['content-length']]).toEqual([200, '0123456789', '10']);
    expect(upstream.count('/dir/a.bin')).toBe(time);
  }
  const part = await get('/passing/dir/a.bin', { range: 'bytes=2-4' });
  expect([[206, '234'], [200, '0123456789']]).toContainEqual([part.status, part.text()]);
  const head = await node.client.request('/passing/dir/a.bin', { method: 'HEAD' });
  expect([head.status, head.headers['content-length']]).toEqual([200, '10']);
  expect((await get('/passing/dir/b.bin')).status).toBe(404);
  expect((await get('/api/storage/passing?list&deep=1')).json()).toMatchObject({ files: [] });
  expect((await node.session.db.selectFrom('artifact').innerJoin('repository', 'repository.id', 'artifact.repository_id').select('path').where('key', '=', 'passing').execute())).toEqual([]);

  await remote('passing-npm', { storeArtifactsLocally: false }, 'npm');
  const manifest = { name: 'right', version: '1.0.0' };
  const tarball = npmTarball(manifest);
  upstream.set('/right', JSON.stringify({ name: 'right', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { ...manifest, dist: { tarball: `${upstream.url}/right/-/right-1.0.0.tgz`, shasum: createHash('sha1').update(tarball).digest('hex') } } } }));
  upstream.set('/right/-/right-1.0.0.tgz', tarball);
  for (let time = 1; time <= 2; time += 1) {
    expect((await get('/api/npm/passing-npm/right')).json()).toMatchObject({ 'dist-tags': { latest: '1.0.0' } });
    expect((await get('/api/npm/passing-npm/right/-/right-1.0.0.tgz')).body.equals(tarball)).toBe(true);
  }
  expect(upstream.count('/right/-/right-1.0.0.tgz')).toBe(2);

  await remote('passing-docker', { storeArtifactsLocally: false }, 'docker');
  const layer = Buffer.from('a layer');
  const digest = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  upstream.set(`/v2/team/app/blobs/${digest}`, layer);
  for (let time = 1; time <= 2; time += 1) expect((await get(`/api/docker/passing-docker/v2/team/app/blobs/${digest}`)).text()).toBe('a layer');
});

test('an archive is looked into although it comes from upstream only now', async () => {
  upstream.set('/kept/it.zip', makeZip([{ name: 'a/one.txt', content: 'one' }]));
  await remote('archives', {});
  const cold = await get('/archives/kept/it.zip!/a/one.txt');
  expect([cold.status, cold.text()]).toEqual([200, 'one']);
  expect((await get('/archives/kept/it.zip!/a/two.txt')).status).toBe(404);
  expect((await get('/archives/kept/none.zip!/a/one.txt')).status).toBe(404);
  expect(upstream.count('/kept/it.zip')).toBe(1);
});
