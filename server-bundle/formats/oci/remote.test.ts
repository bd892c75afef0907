import { expect, it } from 'vitest';
import { listDocumentAt, referrersDocument, tagsDocument } from './documents.ts';
import { parseDigest } from './names.ts';
import { blobPath, manifestPath, tagPath } from './paths.ts';
import { ociRemote } from './remote.ts';

const sha256 = parseDigest(`sha256:${'a'.repeat(64)}`);
const sha512 = parseDigest(`sha512:${'b'.repeat(128)}`);
if (sha256 === null || sha512 === null) throw new Error('not digests');
const repository = (url: string): Parameters<typeof ociRemote.upstream>[0] => ({ id: 1, key: 'hub', config: { remote: { url } } });
const none = async (): Promise<undefined> => undefined;
const ask = (path: string, url = 'https://registry.example.com'): ReturnType<typeof ociRemote.upstream> => ociRemote.upstream(repository(url), path, none);

it('asks for files by their digest, and holds what comes against it', async () => {
  expect(await ask(blobPath('team/app', sha256))).toMatchObject({ url: `v2/team/app/blobs/${sha256.text}`, kind: 'file', expected: { sha256: sha256.hex } });
  expect(await ask(manifestPath('app', sha512))).toMatchObject({ url: `v2/app/manifests/${sha512.text}`, kind: 'file', expected: { sha512: sha512.hex } });
});

it('asks for tags and lists as documents, which may change', async () => {
  expect(await ask(tagPath('app', '1.0'))).toMatchObject({ url: 'v2/app/manifests/1.0', kind: 'document', accept: expect.stringContaining('application/vnd.oci.image.index.v1+json') as string });
  expect(await ask(tagsDocument('app', null))).toMatchObject({ url: 'v2/app/tags/list?n=1000', kind: 'document' });
  expect(await ask(tagsDocument('app', '1.0'))).toMatchObject({ url: 'v2/app/tags/list?n=1000&last=1.0', kind: 'document' });
  expect(await ask(referrersDocument('app', sha256))).toMatchObject({ url: `v2/app/referrers/${sha256.text}`, kind: 'document' });
});

it('knows where Docker Hub keeps its own images', async () => {
  expect(await ask(tagPath('alpine', 'latest'), 'https://registry-1.docker.io')).toMatchObject({ url: 'v2/library/alpine/manifests/latest' });
  expect(await ask(tagPath('team/app', 'latest'), 'https://registry-1.docker.io')).toMatchObject({ url: 'v2/team/app/manifests/latest' });
  expect(await ask(tagPath('alpine', 'latest'), 'https://docker.io.example.com')).toMatchObject({ url: 'v2/alpine/manifests/latest' });
});

it('asks for nothing else', async () => {
  for (const path of ['a.txt', 'app/other/file', 'A/_tags/first.json', 'app/_tags/after/.x.json', 'app/_referrers/x.json']) {
    expect(await ask(path)).toBeNull();
    expect(listDocumentAt(path)).toBeNull();
  }
});
