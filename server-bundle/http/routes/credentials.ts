import type { CredentialsInUse } from '../../contract/index.ts';
import { requireAdmin } from '../../security/authorize.ts';
import type { ClusterKeys, DatabasePasswords } from '../../security/rotating-secrets.ts';
import type { RouteModule } from '../route-module.ts';

export interface RotatingCredentials {
  readonly clusterKeys: ClusterKeys;
  readonly databasePasswords: DatabasePasswords;
}

/** Which keys this very node uses and accepts, so that whoever replaces one knows when all nodes have it. Tells no secret. */
export function credentialRoutes({ clusterKeys, databasePasswords }: RotatingCredentials): RouteModule {
  return (app, { config }) => {
    app.get('/artifactory/api/v1/cluster/credentials', { config: { always: true } }, (request): CredentialsInUse => {
      requireAdmin(request.principal);
      return { apiVersion: 1, nodeId: config.node.id, keys: clusterKeys.ids(), passwords: databasePasswords.count };
    });
  };
}
