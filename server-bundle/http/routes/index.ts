import type { RouteModule } from '../route-module.ts';
import { systemRoutes } from './system.ts';

/** Everything the node answers. */
export const routeModules: readonly RouteModule[] = [systemRoutes];
