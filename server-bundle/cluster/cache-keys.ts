import type { CacheKey } from './ports.ts';

/** Kinds that every version prepares which may take part in a cluster. */
export const firstKinds: readonly string[] = ['artifact', 'maven', 'pypi', 'helm', 'upstream', 'npm', 'repository', 'user', 'access', 'token', 'setting'];

/**
 * Kinds that came later: cached only while all members know them. A new kind of `cacheKeys` is added here; it goes to `firstKinds` when no
 * version that may take part in a rolling upgrade is without it.
 */
export const laterKinds: readonly string[] = [];

/** How a member says over the mesh that it prepares a later kind. */
export const kindFeature = (kind: string): string => `cache:${kind}`;

/** Every kind of cached answer. */
export const cacheKeys = {
  /** resolution of one path to its blob */
  artifact: (repositoryId: number, path: string): CacheKey => `artifact:${String(repositoryId)}/${path}`,
  /** prefix of all artifacts below a folder (`folder` ends in "/" or is empty for the whole repository) */
  artifactsBelow: (repositoryId: number, folder: string): string => `artifact:${String(repositoryId)}/${folder}`,
  /** computed maven-metadata.xml of a folder */
  mavenMetadata: (repositoryId: number, folder: string): CacheKey => `maven:${String(repositoryId)}/${folder}`,
  mavenMetadataBelow: (repositoryId: number, folder: string): string => `maven:${String(repositoryId)}/${folder}`,
  /** computed document of a Python repository, by its path */
  pypiDocument: (repositoryId: number, path: string): CacheKey => `pypi:${String(repositoryId)}/${path}`,
  pypiDocumentsBelow: (repositoryId: number, folder: string): string => `pypi:${String(repositoryId)}/${folder}`,
  /** computed index.yaml of a chart repository */
  helmIndex: (repositoryId: number): CacheKey => `helm:${String(repositoryId)}`,
  /** what a remote repository knows of a path upstream */
  upstream: (repositoryId: number, path: string): CacheKey => `upstream:${String(repositoryId)}/${path}`,
  upstreamBelow: (repositoryId: number, folder: string): string => `upstream:${String(repositoryId)}/${folder}`,
  /** one form of an npm package's packument; `folder` is the package's name with a "/" behind it */
  npmPackument: (repositoryId: number, folder: string, form: 'full' | 'abbreviated'): CacheKey => `npm:${String(repositoryId)}/${folder}${form}`,
  npmPackumentsBelow: (repositoryId: number, folder: string): string => `npm:${String(repositoryId)}/${folder}`,
  /** configuration of a repository, by its key */
  repository: (key: string): CacheKey => `repository:${key}`,
  user: (name: string): CacheKey => `user:${name}`,
  /** prefix of all users */
  users: (): string => 'user:',
  /** groups, permission targets, and which repositories there are: everything that decides about rights beside the user */
  accessModel: (): CacheKey => 'access:model',
  /** by the hash of the token, never the token */
  token: (hash: string): CacheKey => `token:${hash}`,
  setting: (key: string): CacheKey => `setting:${key}`,
} as const;
