import { relativeAddress, type ProjectFile, type ProjectList } from './project-list.ts';

const meta = { 'api-version': '1.1' };

/** PEP 691 and PEP 700, of a project. */
export function projectJson({ project, files, versions }: ProjectList): string {
  return JSON.stringify({ meta, name: project, versions, files: files.map(fileJson) });
}

/** PEP 691, of a repository. */
export function projectsJson(names: readonly string[]): string {
  return JSON.stringify({ meta, projects: names.map((name) => ({ name })) });
}

function fileJson(file: ProjectFile): Record<string, unknown> {
  return {
    filename: file.fileName,
    url: relativeAddress(file.path),
    hashes: file.hashes,
    ...(file.requiresPython === null ? {} : { 'requires-python': file.requiresPython }),
    ...(file.size === null ? {} : { size: file.size }),
    ...(file.uploadedAt === null ? {} : { 'upload-time': file.uploadedAt }),
    yanked: file.yanked,
    // never under the first name, dist-info-metadata: pip 22.3 to 23.0 breaks on it (PEP 714)
    'core-metadata': file.metadata,
  };
}
