import { distributionAt } from './file-names.ts';
import { isNormalizedName } from './names.ts';
import { canonicalVersion, parseVersion } from './versions.ts';

/** How a list of the simple API is written (PEP 503, PEP 691). */
export type Spelling = 'json' | 'html';

/** A document that is made of what is in the repository. */
export type PypiDocument =
  | { readonly kind: 'projects'; readonly spelling: Spelling }
  | { readonly kind: 'project'; readonly project: string; readonly spelling: Spelling }
  /** the older JSON API, of a project or of one of its versions */
  | { readonly kind: 'description'; readonly project: string; readonly version: string | null }
  /** METADATA of a wheel, beside it (PEP 658) */
  | { readonly kind: 'metadata'; readonly project: string; readonly wheel: string };

const folder = '.pypi';
const metadataEnding = '.metadata';

/** Where a document stands in its repository. Those of a project lie in its folder: whoever may read that may read them. */
export const documentPaths = {
  projects: (spelling: Spelling): string => `${folder}/simple.${spelling}`,
  project: (project: string, spelling: Spelling): string => `${project}/${folder}/simple.${spelling}`,
  description: (project: string, version: string | null): string => `${project}/${folder}/${version === null ? 'project' : `project-${version}`}.json`,
  metadata: (wheel: string): string => `${wheel}${metadataEnding}`,
} as const;

/** The document at a path; null for a file that is stored. */
export function documentAt(path: string): PypiDocument | null {
  for (const spelling of ['json', 'html'] as const) if (path === documentPaths.projects(spelling)) return { kind: 'projects', spelling };
  if (path.endsWith(metadataEnding)) {
    const wheel = path.slice(0, -metadataEnding.length);
    const distribution = distributionAt(wheel);
    return distribution?.type === 'wheel' ? { kind: 'metadata', project: distribution.project, wheel } : null;
  }
  const [project = '', marker, name = '', ...more] = path.split('/');
  if (marker !== folder || more.length > 0 || !isNormalizedName(project)) return null;
  if (name === 'simple.json') return { kind: 'project', project, spelling: 'json' };
  if (name === 'simple.html') return { kind: 'project', project, spelling: 'html' };
  if (name === 'project.json') return { kind: 'description', project, version: null };
  const version = /^project-(.+)\.json$/.exec(name)?.[1];
  const read = version === undefined ? null : parseVersion(version);
  return read !== null && canonicalVersion(read) === version ? { kind: 'description', project, version } : null;
}
