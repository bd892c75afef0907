import type { Logger } from 'pino';
import type { Session } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import type { Filestore } from '../filestore/index.ts';
import type { ClusterKeys } from '../security/rotating-secrets.ts';
import type { BlobMemory } from './blob-memory.ts';
import type { DownloadCounts } from './downloads/download-counts.ts';
import type { Upstreams } from './upstream/upstreams.ts';

/** What everything that reads or changes content leans on. */
export interface Content {
  readonly session: Session;
  readonly filestore: Filestore;
  readonly memory: BlobMemory;
  /** of this process, not written yet */
  readonly downloads: DownloadCounts;
  readonly addresses: Addresses;
  /** seals the passwords of remote repositories */
  readonly clusterKeys: Pick<ClusterKeys, 'current' | 'accepted'>;
  /** what fetches for remote repositories */
  readonly upstreams: Upstreams;
  readonly log: Logger;
}

/** Public addresses, made from the configured base URL and never from a Host header. */
export interface Addresses {
  /** the context path: `https://host/artifactory` */
  readonly root: string;
  artifact(repository: string, path: string): string;
  storage(repository: string, path: string): string;
  repository(key: string): string;
}

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** @param baseUrl with or without the context path at its end */
export function addressesBelow(baseUrl: string): Addresses {
  const trimmed = baseUrl.replace(/\/+$/, '');
  const root = trimmed.endsWith('/artifactory') ? trimmed : `${trimmed}/artifactory`;
  return {
    root,
    artifact: (repository, path) => `${root}/${repository}/${encoded(path)}`,
    storage: (repository, path) => `${root}/api/storage/${repository}${path === '' ? '' : `/${encoded(path)}`}`,
    repository: (key) => `${root}/${key}`,
  };
}

export function artifactNotFound(repository: string, path: string): BulkheadError {
  return new BulkheadError('ARTIFACT_NOT_FOUND', `There is nothing at ${repository}/${path}`);
}
