import { BulkheadError } from '../../contract/index.ts';
import { parsedOnce } from '../parsed-once.ts';
import { distributionPath, parseDistribution } from './file-names.ts';
import { isProjectName, normalizeName } from './names.ts';
import { projectList, type ProjectFile, type ProjectList } from './project-list.ts';
import { filesInHtml, namesInHtml } from './upstream-html.ts';
import { filesInJson, namesInJson } from './upstream-json.ts';

/** A project's list as ours, with the place of each file at the upstream. */
export interface UpstreamProject {
  readonly list: ProjectList;
  /** by path in the repository: the file, and its address, which may be relative to the list's */
  readonly files: ReadonlyMap<string, { readonly file: ProjectFile; readonly address: string }>;
}

/**
 * Reads a project's list, JSON or HTML. Files whose names could not be addresses of ours are left out.
 * @throws UPSTREAM_INVALID
 */
export const readUpstreamProject = parsedOnce((bytes, project): UpstreamProject => {
  const text = bytes.toString('utf8');
  const listed = isJson(text) ? filesInJson(text) : filesInHtml(text);
  if (listed === null) throw new BulkheadError('UPSTREAM_INVALID', `Upstream's list of ${project} is no list of files (PEP 691)`);
  const files = new Map<string, { file: ProjectFile; address: string }>();
  for (const { address, ...more } of listed) {
    const path = pathOf(more.fileName, project);
    if (path !== null && !files.has(path)) files.set(path, { file: { ...more, path }, address });
  }
  return { list: projectList(project, [...files.values()].map(({ file }) => file)), files };
});

/** Normalized names of a repository's list, JSON or HTML, in order. @throws UPSTREAM_INVALID */
export function readUpstreamNames(bytes: Buffer): string[] {
  const text = bytes.toString('utf8');
  const names = isJson(text) ? namesInJson(text) : namesInHtml(text);
  if (names === null) throw new BulkheadError('UPSTREAM_INVALID', "Upstream's list is no list of projects (PEP 691)");
  return [...new Set(names.filter(isProjectName).map(normalizeName))].sort();
}

/** What is no wheel or source archive (eggs, installers of old) is listed too, under a version of its own. */
function pathOf(fileName: string, project: string): string | null {
  const distribution = parseDistribution(fileName, project);
  if (distribution !== null) return distributionPath(distribution);
  return /^[a-z0-9][a-z0-9._+!-]{0,219}$/i.test(fileName) ? `${project}/other/${fileName}` : null;
}

function isJson(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}
