import { distributionAt } from './file-names.ts';
import { compareVersionTexts } from './versions.ts';

/** A file in the list of a project's files. */
export interface ProjectFile {
  readonly fileName: string;
  /** in the repository */
  readonly path: string;
  /** by algorithm, hexadecimal */
  readonly hashes: Readonly<Record<string, string>>;
  readonly requiresPython: string | null;
  /** bytes; null where upstream does not say */
  readonly size: number | null;
  /** ISO 8601, UTC; null where upstream does not say */
  readonly uploadedAt: string | null;
  /** the reason, or true; false when it is not */
  readonly yanked: string | boolean;
  /** digests of the METADATA that is served beside the file; true for one without; false for none */
  readonly metadata: Readonly<Record<string, string>> | boolean;
}

/** The files of a project. */
export interface ProjectList {
  /** normalized */
  readonly project: string;
  /** by version, and by name within one */
  readonly files: readonly ProjectFile[];
  /** in the order of PEP 440 */
  readonly versions: readonly string[];
}

/** A list of files; of several with one name the first counts. */
export function projectList(project: string, files: readonly ProjectFile[]): ProjectList {
  const named = new Map<string, { readonly file: ProjectFile; readonly version: string | null }>();
  for (const file of files) {
    if (!named.has(file.fileName)) named.set(file.fileName, { file, version: distributionAt(file.path)?.version ?? null });
  }
  const listed = [...named.values()];
  const versions = [...new Set(listed.flatMap(({ version }) => (version === null ? [] : [version])))].sort(compareVersionTexts);
  const place = new Map<string | null, number>(versions.map((version, index) => [version, index]));
  listed.sort((a, b) => (place.get(a.version) ?? -1) - (place.get(b.version) ?? -1) || (a.file.fileName < b.file.fileName ? -1 : 1));
  return { project, versions, files: listed.map(({ file }) => file) };
}

/** The address of a file, as the lists at `/simple/{project}/` write it: relative, so that it holds behind any name of the server. */
export function relativeAddress(path: string): string {
  return `../../packages/${path.split('/').map(encodeURIComponent).join('/')}`;
}
