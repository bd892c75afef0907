import { findFile } from '../../metadata/artifacts.ts';
import { findDownloads } from '../../metadata/downloads.ts';
import { authorize } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { artifactNotFound, type Content } from '../content.ts';
import { membersFor } from '../members.ts';
import { readRepository } from '../repository.ts';

/** `GET /api/storage/{repo}/{path}?stats` in Artifactory's form; times in milliseconds since 1970, 0 for never. */
export interface ItemStats {
  uri: string;
  downloadCount: number;
  lastDownloaded: number;
  lastDownloadedBy?: string;
  /** of smart remote repositories, which there are none of */
  remoteDownloadCount: 0;
  remoteLastDownloaded: 0;
}

/** Downloads of a file; through a virtual repository those of the first member that has it. What this node has not written yet is written first. @throws ARTIFACT_NOT_FOUND, for folders too */
export async function itemStats(content: Content, principal: Principal, repositoryKey: string, path: string): Promise<ItemStats> {
  authorize(principal, 'read', repositoryKey, path);
  const { session, addresses, downloads } = content;
  await downloads.flush();
  const repository = await readRepository(session.coherence.read, repositoryKey);
  for (const { id } of await membersFor(session.coherence.read, principal, repository, path)) {
    const file = await findFile(session.db, id, path);
    if (file === undefined) continue;
    const stats = await findDownloads(session.db, id, path);
    return {
      uri: addresses.artifact(repositoryKey, path), downloadCount: stats?.downloads ?? 0, lastDownloaded: stats?.lastAt.getTime() ?? 0,
      ...(stats === undefined ? {} : { lastDownloadedBy: stats.lastBy }), remoteDownloadCount: 0, remoteLastDownloaded: 0,
    };
  }
  throw artifactNotFound(repositoryKey, path);
}
