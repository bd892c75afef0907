import type { RepositoryClass } from '../../electron/contract/index.ts';

/** Formats as their users call them, by the name in configurations. */
export const packageTypes = [
  { type: 'generic', title: 'Generic', about: 'Any files, under any path' },
  { type: 'maven', title: 'Maven', about: 'Maven, Gradle and Ivy' },
  { type: 'npm', title: 'npm', about: 'npm, pnpm and Yarn' },
  { type: 'pypi', title: 'PyPI', about: 'pip and twine' },
  { type: 'docker', title: 'Docker and OCI', about: 'Images, Helm 3 charts, ORAS artifacts' },
  { type: 'helm', title: 'Helm', about: 'Classic chart repositories with an index' },
] as const;

/** Of repositories that a script has made as of one of these: a registry like Docker's. */
const otherTitles: Readonly<Record<string, string>> = { oci: 'OCI', helmoci: 'Helm charts in OCI' };

/** "Docker and OCI" for "docker"; what this version does not know keeps its name. */
export function packageTitle(type: string): string {
  return packageTypes.find((known) => known.type === type)?.title ?? otherTitles[type] ?? type;
}

export const classWords: Readonly<Record<RepositoryClass, { title: string; about: string }>> = {
  local: { title: 'Local', about: 'Holds what you deploy' },
  remote: { title: 'Remote', about: 'Fetches from another server and keeps it' },
  virtual: { title: 'Virtual', about: 'Shows several repositories under one address' },
};
