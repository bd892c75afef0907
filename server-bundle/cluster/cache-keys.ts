import type { CacheKey } from './ports.ts';

/** Every kind of cached answer. A new kind is switched on only when all members know it. */
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
