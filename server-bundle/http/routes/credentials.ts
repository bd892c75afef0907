import type { CredentialsInUse } from '../../contract/index.ts';
import { sealedOtherwise } from '../../metadata/alerts/webhook-rows.ts';
import { repositoriesSealedOtherwise } from '../../metadata/repositories.ts';
import { requireAdmin } from '../../security/authorize.ts';
import { keyId, type ClusterKeys, type DatabasePasswords } from '../../security/rotating-secrets.ts';
import type { RouteModule } from '../route-module.ts';

export interface RotatingCredentials {
  readonly clusterKeys: ClusterKeys;
  readonly databasePasswords: DatabasePasswords;
}

/** Which keys this very node uses and accepts, so that whoever replaces one knows when all nodes have it. Tells no secret. */
export function credentialRoutes({ clusterKeys, databasePasswords }: RotatingCredentials): RouteModule {
  return (app, { config, runtime }) => {
    app.get('/artifactory/api/v1/cluster/credentials', { config: { always: true } }, async (request): Promise<CredentialsInUse> => {
      requireAdmin(request.principal);
      const { db } = runtime.session();
      const current = keyId(clusterKeys.current);
      const sealed = [...await sealedOtherwise(db, current), ...await repositoriesSealedOtherwise(db, current)];
      return { apiVersion: 1, nodeId: config.node.id, keys: clusterKeys.ids(), passwords: databasePasswords.count, sealedOtherwise: sealed.length };
    });
  };
}
