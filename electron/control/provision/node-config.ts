import { stringify } from 'yaml';
import { paths } from './paths.ts';
import type { NodeTarget } from './target.ts';

/** The node's configuration file; what is not in it is the node's default. Secrets are files beside it. */
export function nodeConfigFile(target: NodeTarget, hasPassword: boolean): string {
  const { database } = target;
  return stringify({
    node: { id: target.nodeId, url: target.url, listen: target.listen },
    cluster: { name: target.clusterName, keyFile: paths.clusterKey },
    baseUrl: target.baseUrl,
    database: {
      host: database.host, port: database.port, name: database.name, user: database.user,
      ...(hasPassword ? { passwordFile: paths.databasePassword } : {}),
      pool: database.pool, keepForOthers: database.keepForOthers,
    },
    filestore: { path: target.filestore },
    http: { trustedProxies: target.trustedProxies },
    timing: { drainNoticeMs: target.drainNoticeMs, drainDeadlineMs: target.drainDeadlineMs },
  });
}
