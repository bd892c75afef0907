import type { FormatRepository } from '../format.ts';
import type { RemoteFormat, UpstreamDocument, UpstreamRequest } from '../remote-format.ts';
import { upstreamAddress } from '../upstream-address.ts';
import { documentAt, documentPaths } from './paths.ts';
import { pypiSettings } from './settings.ts';
import { readUpstreamNames, readUpstreamProject } from './upstream-lists.ts';
import { projectContent, projectsContent } from './written-lists.ts';

const listTypes = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.2';

/** How a Python repository stands in for another index: lists are read in JSON or HTML and written anew, files come under our paths. */
export const pypiRemote: RemoteFormat = {
  upstream: async (repository, path, documentOf) => {
    const document = documentAt(path);
    switch (document?.kind) {
      case 'projects': return { url: `${indexAddress(repository)}/`, accept: listTypes, kind: 'document' };
      case 'project': return { url: listAddress(repository, document.project), accept: listTypes, kind: 'document' };
      case 'metadata': return fileRequest(repository, document.wheel, documentOf, true);
      // names files at upstream's own addresses
      case 'description': return null;
      case undefined: return fileRequest(repository, path, documentOf, false);
    }
  },
  document: (_repository, path, { bytes, modifiedAt }) => {
    const document = documentAt(path);
    if (document?.kind === 'projects') return projectsContent(readUpstreamNames(bytes), document.spelling, modifiedAt);
    if (document?.kind === 'project') return projectContent(readUpstreamProject(bytes, document.project).list, document.spelling, modifiedAt);
    return { bytes, modifiedAt };
  },
  // both spellings are made of the one that upstream sent
  sourceOf: (path) => {
    const document = documentAt(path);
    if (document?.kind === 'projects') return documentPaths.projects('json');
    return document?.kind === 'project' ? documentPaths.project(document.project, 'json') : path;
  },
};

async function fileRequest(repository: FormatRepository, path: string, documentOf: UpstreamDocument, metadata: boolean): Promise<UpstreamRequest | null> {
  const [project = '', , fileName, ...more] = path.split('/');
  if (fileName === undefined || more.length > 0) return null;
  const bytes = await documentOf(documentPaths.project(project, 'json'));
  const found = bytes === undefined ? undefined : readUpstreamProject(bytes, project).files.get(path);
  const url = found === undefined ? null : URL.parse(found.address, listAddress(repository, project));
  if (found === undefined || url === null) return null;
  url.hash = '';
  if (!metadata) return { url: url.href, kind: 'file', expected: promised(found.file.hashes) };
  if (found.file.metadata === false) return null;
  url.pathname += '.metadata';
  return { url: url.href, kind: 'file', expected: found.file.metadata === true ? {} : promised(found.file.metadata) };
}

function promised(hashes: Readonly<Record<string, string>>): NonNullable<UpstreamRequest['expected']> {
  const { sha256, sha512, sha1, md5 } = hashes;
  if (sha256 !== undefined) return { sha256 };
  if (sha512 !== undefined) return { sha512 };
  return { ...(sha1 === undefined ? {} : { sha1 }), ...(md5 === undefined ? {} : { md5 }) };
}

function indexAddress(repository: FormatRepository): string {
  const { pyPIRegistryUrl, pyPIRepositorySuffix } = pypiSettings.parse(repository.config);
  const base = pyPIRegistryUrl === '' ? upstreamAddress(repository) : pyPIRegistryUrl.replace(/\/+$/, '');
  const suffix = pyPIRepositorySuffix.replace(/^\/+|\/+$/g, '');
  return suffix === '' ? base : `${base}/${suffix}`;
}

function listAddress(repository: FormatRepository, project: string): string {
  return `${indexAddress(repository)}/${project}/`;
}
