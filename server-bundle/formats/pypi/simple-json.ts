import { relativeAddress, type ProjectFile, type ProjectList } from './project-list.ts';


/** PEP 691 and PEP 700, of a project. The latter wants a size of every file: where an index elsewhere has told none, it is the former alone. */
export function projectJson({ project, files, versions }: ProjectList): string {
  const version = files.every(({ size }) => size !== null) ? '1.1' : '1.0';
  return JSON.stringify({ meta: { 'api-version': version }, name: project, versions, files: files.map(fileJson) });
}

/** PEP 691, of a repository. */
export function projectsJson(names: readonly string[]): string {
  return JSON.stringify({ meta: { 'api-version': '1.1' }, projects: names.map((name) => ({ name })) });
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
