/** A file of a package: `{name}/-/{file}`. */
export interface PackageFile {
  /** with its scope: `@scope/name` */
  readonly name: string;
  /** below `-/`; begins with the scope where the client repeats it */
  readonly file: string;
}

/** A tarball's place when it is published: npm's clients name the file after the whole package, scope included. */
export function tarballPath(name: string, version: string): string {
  return `${name}/-/${name}-${version}.tgz`;
}

/** The place that other tools and other registries use: without the scope. The same as `tarballPath` for a package without one. */
export function plainTarballPath(name: string, version: string): string {
  return `${name}/-/${withoutScope(name)}-${version}.tgz`;
}

export function withoutScope(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** Splits `{name}/-/{file}`; null for any other path. */
export function packageFileOf(path: string): PackageFile | null {
  const match = /^(@[^/]+\/[^/@]+|[^/@][^/]*)\/-\/((?:@[^/]+\/)?[^/]+)$/.exec(path);
  return match === null ? null : { name: match[1] ?? '', file: match[2] ?? '' };
}

/** Forms of a packument: everything, or what an installation needs. */
export type PackumentForm = 'full' | 'abbreviated';
const fileNames = { full: 'package.json', abbreviated: 'abbreviated.json' } as const;

/** Where a packument is found: among the package's own files, so that patterns of permissions and repositories mean both. */
export function packumentPath(name: string, form: PackumentForm): string {
  return `${name}/-/${fileNames[form]}`;
}

/** Which packument a path asks for; null when it is another file. Artifactory's own place (`.npm/{name}/package.json`) is understood as well. */
export function packumentOf(path: string): { readonly name: string; readonly form: PackumentForm } | null {
  const match = /^(@[^/]+\/[^/@]+|[^/@.][^/]*)\/-\/(package|abbreviated)\.json$/.exec(path) ?? /^\.npm\/(@[^/]+\/[^/@]+|[^/@.][^/]*)\/(package)\.json$/.exec(path);
  return match === null ? null : { name: match[1] ?? '', form: match[2] === 'package' ? 'full' : 'abbreviated' };
}

/**
 * The packages that a change of anything below a folder can alter: one, or all whose names begin with what is returned (ends in "/" after a
 * scope, empty for all). `a/b/` belongs to no package unless its second part is `-`, but whatever lies below `a/` is cheap to name.
 */
export function packagesBelow(folder: string): string {
  const [first = '', second = ''] = folder.split('/');
  if (first === '') return '';
  return first.startsWith('@') && second !== '' ? `${first}/${second}/` : `${first}/`;
}
