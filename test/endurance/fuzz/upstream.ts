import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Random } from '../../chaos/random.ts';
import { UpstreamServer } from '../../harness/upstream-server.ts';
import { Mutation, type Json } from './mutation.ts';
import { ask, remote, root, type Target, virtual } from './target.ts';

const packument: Json = {
  name: 'fuzz', 'dist-tags': { latest: '1.0.0' }, time: { created: '2026-01-01T00:00:00.000Z', '1.0.0': '2026-01-01T00:00:00.000Z' }, readme: '', maintainers: [{ name: 'a' }],
  versions: { '1.0.0': { name: 'fuzz', version: '1.0.0', dependencies: { a: '1' }, bin: { x: 'y' }, dist: { tarball: 'https://r.example.org/fuzz/-/fuzz-1.0.0.tgz', shasum: '0'.repeat(40), integrity: 'sha512-AAAA', signatures: [{ keyid: 'x', sig: 'y' }] } } },
};
const simple: Json = { meta: { 'api-version': '1.1' }, name: 'fuzz', versions: ['1.0'], files: [{ filename: 'fuzz-1.0-py3-none-any.whl', url: '../../packages/fuzz-1.0-py3-none-any.whl', hashes: { sha256: '0'.repeat(64) }, 'requires-python': '>=3', yanked: 'x', size: 10, 'core-metadata': { sha256: '0'.repeat(64) } }] };
const html = '<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.0"></head><body><a href="../../packages/fuzz-1.0.tar.gz#sha256=00" data-requires-python="&gt;=3" data-yanked="x">fuzz-1.0.tar.gz</a></body></html>';
const index = 'apiVersion: v1\ngenerated: "2026-01-01T00:00:00Z"\nentries:\n  fuzz:\n    - {name: fuzz, version: 1.0.0, urls: [fuzz-1.0.0.tgz], digest: "00", created: "2026-01-01T00:00:00Z", apiVersion: v2}\n';
const metadata = '<?xml version="1.0"?><metadata><groupId>org.acme</groupId><artifactId>lib</artifactId><versioning><latest>1.0</latest><versions><version>1.0</version></versions></versioning></metadata>';
const manifest: Json = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: 2 }, layers: [] };

interface Document { readonly type: string; readonly body: (mutation: Mutation) => string }

/** What an upstream has at a path, damaged. */
function documentAt(path: string): Document {
  if (path.includes('maven-metadata.xml')) return { type: 'application/xml', body: (mutation) => mutation.maybe(metadata, 0.9) };
  if (path.includes('index.yaml')) return { type: 'application/yaml', body: (mutation) => mutation.maybe(index, 0.9) };
  if (path.includes('simple/json')) return { type: 'application/vnd.pypi.simple.v1+json', body: (mutation) => mutation.jsonText(simple) };
  if (path.includes('simple/')) return { type: 'text/html', body: (mutation) => mutation.maybe(html, 0.9) };
  if (path.includes('manifests')) return { type: 'application/vnd.oci.image.manifest.v1+json', body: (mutation) => mutation.jsonText(manifest) };
  if (path.includes('tags/list')) return { type: 'application/json', body: (mutation) => mutation.jsonText({ name: 'x', tags: ['a', 'b'] }) };
  if (path.includes('v1/search')) return { type: 'application/json', body: (mutation) => mutation.jsonText({ objects: [{ package: { name: 'fuzz', version: '1.0.0' } }], total: 1 }) };
  return { type: 'application/json', body: (mutation) => mutation.jsonText(packument) };
}

/** An upstream whose answers are damaged in ways that follow from the seed and the path. */
export async function startDamagedUpstream(seed: number): Promise<UpstreamServer> {
  const upstream = await UpstreamServer.start();
  upstream.before = (request, response) => {
    answer(request, response, seed);
    // what was asked is not looked at, and a long run asks a lot
    upstream.asked.length = 0;
    upstream.headers.length = 0;
    return true;
  };
  return upstream;
}

function answer(request: IncomingMessage, response: ServerResponse, seed: number): void {
  const path = request.url ?? '/';
  const mutation = new Mutation(new Random(createHash('sha256').update(`${String(seed)} ${path}`).digest().readUInt32BE(0)));
  if (mutation.chance(0.05)) {
    response.writeHead(mutation.random.pick([204, 302, 304, 401, 403, 404, 410, 429, 500, 503]), { location: mutation.odd().replace(/[^\x21-\x7e]/g, ''), 'www-authenticate': mutation.maybe('Bearer realm="http://127.0.0.1:1/t",service="x"').replace(/[^\x20-\x7e]/g, '') }).end();
    return;
  }
  const { type, body } = documentAt(path);
  let bytes: Buffer = Buffer.from(body(mutation));
  if (mutation.chance(0.1)) bytes = mutation.bytes(bytes);
  const headers: Record<string, string> = { 'content-type': mutation.maybe(type, 0.1).replace(/[^\x20-\x7e]/g, ''), etag: '"x"', 'last-modified': mutation.maybe('Thu, 01 Jan 2026 00:00:00 GMT', 0.2).replace(/[^\x20-\x7e]/g, '') };
  if (mutation.chance(0.1)) {
    bytes = mutation.chance(0.5) ? gzipSync(bytes) : bytes;
    headers['content-encoding'] = 'gzip';
  }
  if (mutation.chance(0.05)) headers['docker-content-digest'] = mutation.odd().replace(/[^\x20-\x7e]/g, '');
  if (mutation.chance(0.03)) {
    response.writeHead(200, { ...headers, 'content-length': String(bytes.length + 10) });
    response.write(bytes, () => { response.destroy(); });
    return;
  }
  response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : bytes);
}

/** Documents of repositories elsewhere, each under a name of its own, so that each is another damage. */
export const upstreams: Target = (mutation) => {
  const name = `fuzz${String(mutation.random.below(1_000_000))}`;
  const pick = (kind: 'maven' | 'npm' | 'pypi' | 'helm'): string => (mutation.chance(0.6) ? remote[kind] : virtual[kind]);
  return ask('GET', root + mutation.random.pick([
    `/${pick('maven')}/org/acme/${name}/maven-metadata.xml`, `/api/npm/${pick('npm')}/${name}`, `/api/npm/${pick('npm')}/${name}/latest`, `/api/npm/${remote.npm}/-/v1/search?text=${name}`,
    `/api/pypi/${pick('pypi')}/simple/${name}/`, `/${pick('helm')}/index.yaml`, `/api/docker/${remote.docker}/v2/${name}/manifests/latest`, `/api/docker/${remote.docker}/v2/${name}/tags/list`, `/${remote.generic}/${name}/manifests`,
  ]), mutation.chance(0.5) ? { headers: [['Accept', mutation.random.pick(['application/vnd.npm.install-v1+json', 'application/vnd.pypi.simple.v1+json', 'text/html', '*/*'])]] } : {});
};
