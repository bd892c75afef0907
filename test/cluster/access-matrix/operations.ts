import { createHash } from 'node:crypto';
import type { Action } from '../../../server-bundle/security/principal.ts';

export type RepositoryClass = 'local' | 'remote' | 'virtual';

/** A request as the test sends it. */
export interface Asked {
  readonly method: string;
  /** below the server's root, so that `/v2` and `/access` can be named */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One thing that somebody can want of a repository. */
export interface Operation {
  readonly name: string;
  /** every one of them is needed */
  readonly needs: readonly Action[];
  /** package types that have it; all when left out */
  readonly formats?: readonly string[];
  /** classes of repositories that have it; all when left out */
  readonly classes?: readonly RepositoryClass[];
  /** what an administrator sends before each request, so that there is something to work on; `local` is where it goes */
  readonly before?: (local: string, item: string) => readonly Asked[];
  /** the request itself; `item` is a name of its own for each operation */
  readonly ask: (repository: string, item: string) => Asked;
}

const root = '/artifactory';
const json = { 'content-type': 'application/json' };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const content = 'content';
const writable: readonly RepositoryClass[] = ['local', 'virtual'];
const local: readonly RepositoryClass[] = ['local'];
const docker = ['docker', 'oci', 'helmoci'];
/** Formats that take files at any path, so that the same operations work on all of them. */
const plain = ['generic', 'maven'];

const fileIn = (repository: string, item: string): string => `${root}/${repository}/org/acme/${item}/1.0/${item}-1.0.jar`;
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const api = (path: string, part: string): string => path.replace(root, `${root}/api/${part}`);
const deployed = (repository: string, item: string): Asked => ({ method: 'PUT', path: fileIn(repository, item), body: content });
const stored = (where: string, item: string): readonly Asked[] => [deployed(where, item)];

/** Artifactory's own paths, which every repository answers. */
const generic: readonly Operation[] = [
  { name: 'download', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: fileIn(repository, item) }) },
  { name: 'look at', needs: ['read'], ask: (repository, item) => ({ method: 'HEAD', path: fileIn(repository, item) }) },
  { name: 'download a checksum', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: `${fileIn(repository, item)}.sha1` }) },
  { name: 'list the root', needs: ['read'], ask: (repository) => ({ method: 'GET', path: `${root}/${repository}/` }) },
  { name: 'list the root by its key', needs: ['read'], ask: (repository) => ({ method: 'GET', path: `${root}/${repository}` }) },
  { name: 'list the root, as Artifactory lists it', needs: ['read'], ask: (repository) => ({ method: 'GET', path: `${root}/list/${repository}` }) },
  { name: 'download from such a list', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: fileIn(repository, item).replace(root, `${root}/list`) }) },
  { name: 'list a folder', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: `${folderOf(fileIn(repository, item))}/` }) },
  { name: 'deploy', needs: ['deploy'], classes: writable, ask: deployed },
  { name: 'deploy with properties', needs: ['deploy', 'annotate'], classes: writable, ask: (repository, item) => ({ method: 'PUT', path: `${fileIn(repository, item)};a=b`, body: content }) },
  {
    name: 'deploy by checksum', needs: ['deploy'], classes: writable,
    ask: (repository, item) => ({ method: 'PUT', path: fileIn(repository, item), headers: { 'x-checksum-deploy': 'true', 'x-checksum-sha256': sha256(content) } }),
  },
  { name: 'make a folder', needs: ['deploy'], classes: writable, ask: (repository, item) => ({ method: 'PUT', path: `${root}/${repository}/folder/${item}/` }) },
  { name: 'overwrite', needs: ['deploy', 'delete'], formats: plain, classes: writable, before: stored, ask: deployed },
  { name: 'delete', needs: ['delete'], classes: local, before: stored, ask: (repository, item) => ({ method: 'DELETE', path: fileIn(repository, item) }) },
  { name: 'delete a folder', needs: ['delete'], classes: local, before: stored, ask: (repository, item) => ({ method: 'DELETE', path: `${root}/${repository}/org/acme/${item}` }) },
  { name: 'storage information', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: api(fileIn(repository, item), 'storage') }) },
  { name: 'storage information of the root', needs: ['read'], ask: (repository) => ({ method: 'GET', path: `${root}/api/storage/${repository}` }) },
  { name: 'list of files', needs: ['read'], ask: (repository) => ({ method: 'GET', path: `${root}/api/storage/${repository}?list&deep=1` }) },
  { name: 'permissions', needs: ['manage'], classes: local, before: stored, ask: (repository, item) => ({ method: 'GET', path: `${api(fileIn(repository, item), 'storage')}?permissions` }) },
  { name: 'read properties', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: `${api(fileIn(repository, item), 'storage')}?properties` }) },
  { name: 'set properties', needs: ['annotate'], classes: local, before: stored, ask: (repository, item) => ({ method: 'PUT', path: `${api(fileIn(repository, item), 'storage')}?properties=a=b` }) },
  { name: 'delete properties', needs: ['annotate'], classes: local, before: stored, ask: (repository, item) => ({ method: 'DELETE', path: `${api(fileIn(repository, item), 'storage')}?properties=a` }) },
  {
    name: 'patch metadata', needs: ['annotate'], classes: local, before: stored,
    ask: (repository, item) => ({ method: 'PATCH', path: api(fileIn(repository, item), 'metadata'), headers: json, body: JSON.stringify({ props: { a: 'b' } }) }),
  },
  {
    name: 'copy', needs: ['read', 'deploy'], classes: local, before: stored,
    ask: (repository, item) => ({ method: 'POST', path: `${api(fileIn(repository, item), 'copy')}?to=/${repository}/org/acme/copy-of-${item}/1.0/copy-of-${item}-1.0.jar` }),
  },
  {
    name: 'move', needs: ['read', 'delete', 'deploy'], classes: local, before: stored,
    ask: (repository, item) => ({ method: 'POST', path: `${api(fileIn(repository, item), 'move')}?to=/${repository}/org/acme/moved-${item}/1.0/moved-${item}-1.0.jar` }),
  },
  { name: 'read the configuration', needs: ['read'], ask: (repository) => ({ method: 'GET', path: `${root}/api/repositories/${repository}` }) },
  {
    name: 'change the configuration', needs: ['manage'], classes: local,
    ask: (repository) => ({ method: 'POST', path: `${root}/api/repositories/${repository}`, headers: json, body: JSON.stringify({ notes: 'changed' }) }),
  },
];

const of = (formats: readonly string[], list: readonly Operation[]): readonly Operation[] => list.map((operation) => ({ ...operation, formats }));

const npmAt = (repository: string, rest: string): string => `${root}/api/npm/${repository}${rest}`;
const publication = (item: string): string => JSON.stringify({
  _id: item, name: item, 'dist-tags': { latest: '1.0.0' },
  versions: { '1.0.0': { name: item, version: '1.0.0', dist: { tarball: `http://localhost/${item}-1.0.0.tgz` } } },
  _attachments: { [`${item}-1.0.0.tgz`]: { content_type: 'application/octet-stream', data: Buffer.from('no tarball').toString('base64'), length: 10 } },
});
const npm: readonly Operation[] = of(['npm'], [
  { name: 'npm: package', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: npmAt(repository, `/${item}`) }) },
  { name: 'npm: tarball', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: npmAt(repository, `/${item}/-/${item}-1.0.0.tgz`) }) },
  { name: 'npm: dist-tags', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: npmAt(repository, `/-/package/${item}/dist-tags`) }) },
  { name: 'npm: search', needs: ['read'], ask: (repository) => ({ method: 'GET', path: npmAt(repository, '/-/v1/search?text=a') }) },
  { name: 'npm: advisories', needs: ['read'], ask: (repository) => ({ method: 'POST', path: npmAt(repository, '/-/npm/v1/security/advisories/bulk'), headers: json, body: '{}' }) },
  { name: 'npm: publish', needs: ['deploy'], classes: writable, ask: (repository, item) => ({ method: 'PUT', path: npmAt(repository, `/${item}`), headers: json, body: publication(item) }) },
  { name: 'npm: tag', needs: ['deploy'], classes: writable, ask: (repository, item) => ({ method: 'PUT', path: npmAt(repository, `/-/package/${item}/dist-tags/next`), headers: json, body: '"1.0.0"' }) },
  { name: 'npm: unpublish', needs: ['delete'], classes: local, ask: (repository, item) => ({ method: 'DELETE', path: npmAt(repository, `/${item}/-rev/1-0`) }) },
]);

const pypiAt = (repository: string, rest: string): string => `${root}/api/pypi/${repository}${rest}`;
const multipart = (item: string): string => [
  ...Object.entries({ ':action': 'file_upload', protocol_version: '1', name: item, version: '1.0', filetype: 'sdist', pyversion: 'source', metadata_version: '2.1', sha256_digest: sha256(content) })
    .map(([name, value]) => `--limit\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  `--limit\r\nContent-Disposition: form-data; name="content"; filename="${item}-1.0.tar.gz"\r\nContent-Type: application/octet-stream\r\n\r\n${content}\r\n--limit--\r\n`,
].join('');
const pypi: readonly Operation[] = of(['pypi'], [
  { name: 'pypi: projects', needs: ['read'], ask: (repository) => ({ method: 'GET', path: pypiAt(repository, '/simple/') }) },
  { name: 'pypi: project', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: pypiAt(repository, `/simple/${item}/`) }) },
  { name: 'pypi: file', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: pypiAt(repository, `/packages/${item}/1.0/${item}-1.0.tar.gz`) }) },
  { name: 'pypi: description', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: pypiAt(repository, `/pypi/${item}/json`) }) },
  { name: 'pypi: description of a version', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: pypiAt(repository, `/pypi/${item}/1.0/json`) }) },
  ...['', '/'].map((end): Operation => ({
    name: `pypi: upload to "${end}"`, needs: ['deploy'], classes: writable,
    ask: (repository, item) => ({ method: 'POST', path: pypiAt(repository, end), headers: { 'content-type': 'multipart/form-data; boundary=limit' }, body: multipart(item) }),
  })),
  { name: 'pypi: yank', needs: ['annotate'], classes: local, ask: (repository, item) => ({ method: 'POST', path: pypiAt(repository, `/${item}/1.0/yank`), headers: json, body: '{}' }) },
  { name: 'pypi: unyank', needs: ['annotate'], classes: local, ask: (repository, item) => ({ method: 'POST', path: pypiAt(repository, `/${item}/1.0/unyank`), headers: json, body: '{}' }) },
]);

const digest = `sha256:${sha256(content)}`;
const manifest = JSON.stringify({
  schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${sha256('{}')}`, size: 2 }, layers: [],
});
const registry = (base: (repository: string) => string, label: string): readonly Operation[] => of(docker, [
  { name: 'manifest', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: `${base(repository)}/${item}/manifests/latest` }) },
  { name: 'blob', needs: ['read'], ask: (repository, item) => ({ method: 'HEAD', path: `${base(repository)}/${item}/blobs/${digest}` }) },
  { name: 'tags', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: `${base(repository)}/${item}/tags/list` }) },
  { name: 'referrers', needs: ['read'], ask: (repository, item) => ({ method: 'GET', path: `${base(repository)}/${item}/referrers/${digest}` }) },
  { name: 'begin an upload', needs: ['deploy'], classes: writable, ask: (repository, item) => ({ method: 'POST', path: `${base(repository)}/${item}/blobs/uploads/` }) },
  {
    name: 'upload at once', needs: ['deploy'], classes: writable,
    ask: (repository, item) => ({ method: 'POST', path: `${base(repository)}/${item}/blobs/uploads/?digest=${digest}`, headers: { 'content-type': 'application/octet-stream' }, body: content }),
  },
  {
    name: 'continue an upload', needs: ['deploy'], classes: writable,
    ask: (repository, item) => ({ method: 'PATCH', path: `${base(repository)}/${item}/blobs/uploads/00000000-0000-4000-8000-000000000000`, headers: { 'content-type': 'application/octet-stream' }, body: 'x' }),
  },
  {
    name: 'push a manifest', needs: ['deploy'], classes: writable,
    ask: (repository, item) => ({ method: 'PUT', path: `${base(repository)}/${item}/manifests/latest`, headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }, body: manifest }),
  },
  { name: 'delete a tag', needs: ['delete'], classes: local, ask: (repository, item) => ({ method: 'DELETE', path: `${base(repository)}/${item}/manifests/latest` }) },
  { name: 'delete a blob', needs: ['delete'], classes: local, ask: (repository, item) => ({ method: 'DELETE', path: `${base(repository)}/${item}/blobs/${digest}` }) },
]).map((operation) => ({ ...operation, name: `${label}: ${operation.name}` }));

const helm: readonly Operation[] = [
  { name: 'helm: index', needs: ['read'], formats: ['helm'], ask: (repository) => ({ method: 'GET', path: `${root}/api/helm/${repository}/index.yaml` }) },
];

/** Everything that can be asked of a repository, with the rights that it needs. */
export const operations: readonly Operation[] = [
  ...generic, ...npm, ...pypi, ...helm,
  ...registry((repository) => `/v2/${repository}`, 'v2'), ...registry((repository) => `${root}/api/docker/${repository}/v2`, 'api/docker'),
];
