import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Reader } from '../../cluster/ports.ts';
import { factsAt } from '../../metadata/artifact-facts.ts';
import type { ComputedContent } from '../format.ts';
import { parseCoreMetadata, type CoreMetadata } from './core-metadata.ts';
import { readFacts } from './facts.ts';
import { distributionAt } from './file-names.ts';
import { readProject } from './local-lists.ts';
import type { ProjectFile, ProjectList } from './project-list.ts';
import { isPreRelease, parseVersion } from './versions.ts';

const unpack = promisify(gunzip);

/**
 * The older JSON API (https://docs.pypi.org/api/json/): what the newest version says of the project, and the files of each version; of one version
 * only its own files.
 * @param address of the repository's API, for the addresses of files
 */
export async function describeProject(
  db: Reader, repositoryId: number, { project, version }: { readonly project: string; readonly version: string | null }, address: string,
): Promise<ComputedContent | undefined> {
  const found = await readProject(db, repositoryId, project);
  if (found === undefined) return undefined;
  const { list, modifiedAt } = found;
  const shown = version ?? newest(list);
  const filesOf = (wanted: string): ProjectFile[] => list.files.filter((file) => distributionAt(file.path)?.version === wanted);
  const files = filesOf(shown);
  if (files.length === 0) return undefined;
  const metadata = await metadataOf(db, repositoryId, files);
  const yanked = files.every((file) => file.yanked !== false);
  const described = {
    info: {
      ...info(project, shown, metadata), requires_python: files.map((file) => file.requiresPython).find((each) => each !== null) ?? null,
      yanked, yanked_reason: yanked ? files.map((file) => file.yanked).find((each) => typeof each === 'string') ?? null : null,
    },
    ...(version === null ? { releases: Object.fromEntries(list.versions.map((each) => [each, filesOf(each).map((file) => fileJson(file, address))])) } : {}),
    urls: files.map((file) => fileJson(file, address)),
    vulnerabilities: [],
  };
  return { bytes: Buffer.from(JSON.stringify(described)), modifiedAt };
}

/** The last version that is neither a pre-release nor yanked, where there is one. */
function newest({ versions, files }: ProjectList): string {
  const yanked = (version: string): boolean => files.every((file) => file.yanked !== false || distributionAt(file.path)?.version !== version);
  const stable = versions.filter((version) => {
    const read = parseVersion(version);
    return read !== null && !isPreRelease(read);
  });
  return stable.findLast((version) => !yanked(version)) ?? versions.findLast((version) => !yanked(version)) ?? versions.at(-1) ?? '';
}

async function metadataOf(db: Reader, repositoryId: number, files: readonly ProjectFile[]): Promise<CoreMetadata> {
  const facts = await factsAt(db, repositoryId, files.map((file) => file.path));
  for (const stored of facts.values()) {
    const packed = readFacts(stored).metadata?.gzip;
    if (packed !== undefined) return parseCoreMetadata((await unpack(Buffer.from(packed, 'base64'))).toString('utf8'));
  }
  return parseCoreMetadata('');
}

function info(project: string, version: string, metadata: CoreMetadata): Record<string, unknown> {
  const first = (field: string): string | null => metadata.first(field) ?? null;
  const requires = metadata.all('Requires-Dist');
  const links = metadata.all('Project-URL').map((line) => line.split(',')).map(([label = '', ...url]) => [label.trim(), url.join(',').trim()] as const);
  return {
    name: first('Name') ?? project, version: first('Version') ?? version, summary: first('Summary'),
    description: metadata.description, description_content_type: first('Description-Content-Type'),
    author: first('Author'), author_email: first('Author-email'), maintainer: first('Maintainer'), maintainer_email: first('Maintainer-email'),
    license: first('License'), license_expression: first('License-Expression'), keywords: first('Keywords'), home_page: first('Home-page'),
    classifiers: metadata.all('Classifier'), requires_dist: requires.length === 0 ? null : requires,
    provides_extra: metadata.all('Provides-Extra'), project_urls: links.length === 0 ? null : Object.fromEntries(links),
  };
}

function fileJson(file: ProjectFile, address: string): Record<string, unknown> {
  const { fileName, path, hashes, requiresPython, size, uploadedAt, yanked } = file;
  return {
    filename: fileName, url: `${address}/packages/${path.split('/').map(encodeURIComponent).join('/')}`,
    digests: hashes, size, requires_python: requiresPython, upload_time_iso_8601: uploadedAt,
    packagetype: fileName.endsWith('.whl') ? 'bdist_wheel' : 'sdist',
    python_version: fileName.endsWith('.whl') ? fileName.split('-').at(-3) ?? 'py3' : 'source',
    yanked: yanked !== false, yanked_reason: typeof yanked === 'string' ? yanked : null,
  };
}
