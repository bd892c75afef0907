import { isProjectName, normalizeName } from './names.ts';
import { canonicalVersion, parseVersion } from './versions.ts';

/** What the name of a distribution says. */
export interface Distribution {
  readonly type: 'wheel' | 'sdist';
  readonly fileName: string;
  /** normalized */
  readonly project: string;
  /** normalized */
  readonly version: string;
}

const sdistEnding = /\.(?:tar\.gz|tgz|tar\.bz2|tar\.xz|tar\.Z|zip)$/;
/** No separators, no hidden files, nothing that a shell or an address would read differently. */
const safeName = /^[a-z0-9][a-z0-9._+!-]{0,219}$/i;

/** Whether a file of this name is meant to be installed. */
export function looksLikeDistribution(fileName: string): boolean {
  return fileName.endsWith('.whl') || sdistEnding.test(fileName);
}

/**
 * Reads a file's name: `name-version[-build]-python-abi-platform.whl` (PEP 427), `name-version.tar.gz` (PEP 625, and the older spellings of
 * a name that holds "-").
 * @param project normalized name that the file is said to belong to: without it the parts of an older name cannot be told apart
 * @returns null when it is no distribution of this project
 */
export function parseDistribution(fileName: string, project: string): Distribution | null {
  if (!safeName.test(fileName)) return null;
  return fileName.endsWith('.whl') ? parseWheel(fileName, project) : parseSdist(fileName, project);
}

function parseWheel(fileName: string, project: string): Distribution | null {
  const parts = fileName.slice(0, -'.whl'.length).split('-');
  const [name = '', version = ''] = parts;
  if (parts.length !== 5 && !(parts.length === 6 && /^\d/.test(parts[2] ?? ''))) return null;
  if (parts.includes('') || !isProjectName(name) || normalizeName(name) !== project) return null;
  // "-" of a version is written "_"; very old tools wrote "+" so, too
  const read = parseVersion(version.replaceAll('_', '-')) ?? parseVersion(version.replace('_', '+'));
  return read === null ? null : { type: 'wheel', fileName, project, version: canonicalVersion(read) };
}

function parseSdist(fileName: string, project: string): Distribution | null {
  const stem = fileName.replace(sdistEnding, '');
  if (stem === fileName) return null;
  for (let dash = stem.indexOf('-'); dash > 0; dash = stem.indexOf('-', dash + 1)) {
    if (normalizeName(stem.slice(0, dash)) !== project) continue;
    const read = parseVersion(stem.slice(dash + 1));
    if (read !== null && isProjectName(project)) return { type: 'sdist', fileName, project, version: canonicalVersion(read) };
  }
  return null;
}

/** Where a distribution stands in a repository: one place for each name, so that a name is taken once. */
export function distributionPath({ project, version, fileName }: Distribution): string {
  return `${project}/${version}/${fileName}`;
}

/** The distribution at a path; null for any other file. */
export function distributionAt(path: string): Distribution | null {
  const [project = '', version, fileName = '', ...more] = path.split('/');
  if (version === undefined || more.length > 0 || normalizeName(project) !== project) return null;
  const read = parseDistribution(fileName, project);
  return read !== null && read.version === version ? read : null;
}
