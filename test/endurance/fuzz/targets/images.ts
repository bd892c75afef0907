import { createHash } from 'node:crypto';
import type { Json } from '../mutation.ts';
import type { FuzzRequest } from '../request.ts';
import { ask, local, part, remote, root, type Target, text } from '../target.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const emptyDigest = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
const emptyConfig = { mediaType: 'application/vnd.oci.empty.v1+json', digest: emptyDigest, size: 2 };
const manifest: Json = { schemaVersion: 2, mediaType: manifestType, artifactType: 'application/x', config: emptyConfig, layers: [emptyConfig], subject: { ...emptyConfig }, annotations: { a: 'b' } };
const index: Json = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [{ ...emptyConfig, platform: { os: 'linux', architecture: 'amd64' } }] };

/** References, digests, names, manifests, chunks and paging of the distribution API. */
export const images: Target = (mutation) => {
  const repository = mutation.chance(0.85) ? local.docker : remote.docker;
  const prefix = mutation.chance(0.5) ? `/v2/${repository}` : `${root}/api/docker/${repository}/v2`;
  const name = mutation.chance(0.8) ? 'team/app' : part(mutation, mutation.text('team/app'));
  const p = (sample: string, share = 0.6): string => part(mutation, mutation.maybe(sample, share));
  const digest = mutation.random.pick([emptyDigest, `sha256:${'0'.repeat(64)}`, `sha512:${'0'.repeat(128)}`]);
  const choice = mutation.random.weighted({ manifest: 3, put: 5, blob: 3, start: 3, patch: 2, finish: 2, tags: 2, referrers: 2, catalog: 1, token: 2 });
  const requests: Record<typeof choice, () => FuzzRequest> = {
    manifest: () => ask(mutation.random.pick(['GET', 'HEAD', 'DELETE']), `${prefix}/${name}/manifests/${p(mutation.random.pick(['latest', digest]))}`, { headers: [['Accept', mutation.maybe(manifestType)]] }),
    put: () => {
      const body = text(mutation.jsonText(mutation.chance(0.7) ? manifest : index));
      const reference = mutation.chance(0.4) ? `sha256:${createHash('sha256').update(body).digest('hex')}` : 'latest';
      return ask('PUT', `${prefix}/${name}/manifests/${p(reference, 0.2)}`, { headers: [['Content-Type', mutation.maybe(manifestType, 0.2)]], body });
    },
    blob: () => ask(mutation.random.pick(['GET', 'HEAD', 'DELETE']), `${prefix}/${name}/blobs/${p(digest)}`, { headers: [['Range', mutation.maybe('bytes=0-1')]] }),
    start: () => ask('POST', `${prefix}/${name}/blobs/uploads/?${mutation.random.pick([`digest=${p(digest)}`, `mount=${p(digest)}&from=${p('team/other')}`, mutation.odd()])}`, { body: text(mutation.chance(0.5) ? '{}' : mutation.odd()) }),
    patch: () => ask('PATCH', `${prefix}/${name}/blobs/uploads/${p('5c1f7a1e-0000-4000-8000-000000000000')}`, { headers: [['Content-Range', mutation.maybe('0-4', 0.8)]], body: text('12345') }),
    finish: () => ask(mutation.random.pick(['PUT', 'GET', 'DELETE']), `${prefix}/${name}/blobs/uploads/${p('5c1f7a1e-0000-4000-8000-000000000000')}?digest=${p(digest)}`),
    tags: () => ask('GET', `${prefix}/${name}/tags/list?n=${p('10')}&last=${p('latest')}`),
    referrers: () => ask('GET', `${prefix}/${name}/referrers/${p(digest)}?artifactType=${p('application/x')}`),
    catalog: () => ask('GET', `/v2/_catalog?n=${p('10')}&last=${p('a')}`),
    token: () => mutation.chance(0.6)
      ? ask('GET', `/v2/token?service=${p('x')}&scope=${p(`repository:${repository}/team/app:pull,push`)}&account=${p('a')}`)
      : ask('POST', '/v2/token', { headers: [['Content-Type', 'application/x-www-form-urlencoded']], body: text(mutation.maybe('grant_type=password&service=x&client_id=y&username=admin&password=z&scope=repository%3Aa%3Apull', 0.8)) }),
  };
  return requests[choice]();
};
