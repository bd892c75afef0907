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
  readonly files: readonly ProjectFile[];
  /** in the order of PEP 440 */
  readonly versions: readonly string[];
}

/** The address of a file, as the lists at `/simple/{project}/` write it: relative, so that it holds behind any name of the server. */
export function relativeAddress(path: string): string {
  return `../../packages/${path.split('/').map(encodeURIComponent).join('/')}`;
}
