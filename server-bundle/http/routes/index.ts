import type { Authenticator } from '../../security/authenticator.ts';
import type { RouteModule } from '../route-module.ts';
import { accessTokenRoutes } from './access-tokens.ts';
import { changePasswordRoutes } from './change-password.ts';
import { metricsRoutes } from './metrics.ts';
import { settingsRoutes } from './settings.ts';
import { systemRoutes } from './system.ts';
import { taskRoutes } from './tasks.ts';
import { userRoutes } from './users.ts';

/** Everything the node answers. */
export function routeModules(authenticator: Authenticator): readonly RouteModule[] {
  return [systemRoutes, metricsRoutes, userRoutes, changePasswordRoutes(authenticator), accessTokenRoutes, settingsRoutes, taskRoutes];
}
