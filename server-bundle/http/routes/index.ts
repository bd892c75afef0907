import { formatRoutes } from '../../formats/routes.ts';
import type { Authenticator } from '../../security/authenticator.ts';
import type { RouteModule } from '../route-module.ts';
import { apiKeyRoutes } from './access/api-key.ts';
import { auditRoutes } from './access/audit.ts';
import { explainRoutes } from './access/explain.ts';
import { groupRoutes } from './access/groups.ts';
import { loginLockRoutes } from './access/login-lock.ts';
import { permissionRoutes } from './access/permissions.ts';
import { accessTokenRoutes } from './access/tokens.ts';
import { alertRoutes } from './alerts.ts';
import { aqlRoutes } from './aql.ts';
import { registerArtifactRoutes } from './artifacts.ts';
import { budgetRoutes } from './budget.ts';
import { buildRoutes } from './builds.ts';
import { changePasswordRoutes } from './change-password.ts';
import { clusterRoutes } from './cluster.ts';
import { credentialRoutes, type RotatingCredentials } from './credentials.ts';
import { registerCopyMoveRoutes } from './copy-move.ts';
import { metricsRoutes } from './metrics.ts';
import { propertyRoutes } from './properties.ts';
import { repositoryBatchRoutes } from './repository-batch.ts';
import { registerRepositoryRoutes } from './repositories.ts';
import { searchRoutes } from './search.ts';
import { settingsRoutes } from './settings.ts';
import { storageSummaryRoutes } from './storage-summary.ts';
import { registerStorageRoutes } from './storage.ts';
import { systemRoutes } from './system.ts';
import { taskRoutes } from './tasks.ts';
import { trashRoutes } from './trash.ts';
import { userRoutes } from './users.ts';
import { webhookRoutes } from './webhooks.ts';

/** Everything the node answers. */
export function routeModules(authenticator: Authenticator, credentials: RotatingCredentials): readonly RouteModule[] {
  return [
    systemRoutes, metricsRoutes,
    userRoutes, changePasswordRoutes(authenticator), accessTokenRoutes, apiKeyRoutes, settingsRoutes,
    groupRoutes, permissionRoutes, loginLockRoutes, explainRoutes, auditRoutes,
    registerRepositoryRoutes, registerStorageRoutes, propertyRoutes, trashRoutes, searchRoutes, aqlRoutes,
    repositoryBatchRoutes, buildRoutes, storageSummaryRoutes, registerCopyMoveRoutes, registerArtifactRoutes, ...formatRoutes(authenticator),
    clusterRoutes, budgetRoutes, credentialRoutes(credentials), taskRoutes, alertRoutes, webhookRoutes(credentials.clusterKeys),
  ];
}
