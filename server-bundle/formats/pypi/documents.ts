import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { CacheKey, Reader, Touched } from '../../cluster/ports.ts';
import { factsAt } from '../../metadata/artifact-facts.ts';
import { findFile } from '../../metadata/artifacts.ts';
import { projectNames } from '../../metadata/pypi-files.ts';
import type { ComputedContent, ComputedDocument, FormatRepository } from '../format.ts';
import { describeProject } from './describe-project.ts';
import { readFacts } from './facts.ts';
import { distributionAt } from './file-names.ts';
import { readProject } from './local-lists.ts';
import { documentAt, documentPaths, type PypiDocument, type Spelling } from './paths.ts';
import { projectContent, projectsContent } from './written-lists.ts';

const unpack = promisify(gunzip);
const mimeTypes: Readonly<Record<Spelling, string>> = { json: 'application/vnd.pypi.simple.v1+json', html: 'text/html; charset=utf-8' };

/** The document at a path, made of what is stored and of nothing else. */
export function computedAt(repository: FormatRepository, path: string): ComputedDocument | null {
  const document = documentAt(path);
  if (document === null) return null;
  return {
    key: cacheKeys.pypiDocument(repository.id, path),
    mimeType: mimeTypeOf(document),
    compute: async (db, root) => compute(db, repository, document, root),
  };
}

function mimeTypeOf(document: PypiDocument): string {
  if (document.kind === 'metadata') return 'text/plain; charset=utf-8';
  return document.kind === 'description' ? 'application/json' : mimeTypes[document.spelling];
}

async function compute(db: Reader, { id, key }: FormatRepository, document: PypiDocument, root: string): Promise<ComputedContent | undefined> {
  switch (document.kind) {
    case 'projects': return projectsContent(await projectNames(db, id), document.spelling, new Date());
    case 'project': {
      const project = await readProject(db, id, document.project);
      return project === undefined ? undefined : projectContent(project.list, document.spelling, project.modifiedAt);
    }
    case 'description': return describeProject(db, id, document, `${root}/api/pypi/${key}`);
    case 'metadata': return coreMetadataOf(db, id, document.wheel);
  }
}

async function coreMetadataOf(db: Reader, repositoryId: number, wheel: string): Promise<ComputedContent | undefined> {
  const packed = readFacts((await factsAt(db, repositoryId, [wheel])).get(wheel)).metadata?.gzip;
  const file = packed === undefined ? undefined : await findFile(db, repositoryId, wheel);
  if (packed === undefined || file === undefined) return undefined;
  return { bytes: await unpack(Buffer.from(packed, 'base64')), modifiedAt: file.modifiedAt };
}

/** Documents that the file at `path` is part of. */
export function documentsOf({ id }: FormatRepository, path: string): CacheKey[] {
  const distribution = distributionAt(path);
  if (distribution === null) return [];
  const { project, version, type } = distribution;
  const paths = [
    ...documentPathsOf(project),
    documentPaths.description(project, version),
    ...(type === 'wheel' ? [documentPaths.metadata(path)] : []),
  ];
  return paths.map((each) => cacheKeys.pypiDocument(id, each));
}

function documentPathsOf(project: string): string[] {
  return [
    documentPaths.projects('json'), documentPaths.projects('html'),
    documentPaths.project(project, 'json'), documentPaths.project(project, 'html'), documentPaths.description(project, null),
  ];
}

/** Documents that anything below a folder (ends in "/", or empty) is part of. */
export function documentsBelow({ id }: FormatRepository, folder: string): Touched {
  const [project = ''] = folder.split('/', 1);
  return {
    keys: [cacheKeys.pypiDocument(id, documentPaths.projects('json')), cacheKeys.pypiDocument(id, documentPaths.projects('html'))],
    prefixes: [cacheKeys.pypiDocumentsBelow(id, folder === '' ? '' : `${project}/`)],
  };
}
