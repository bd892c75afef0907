import type { RouteModule } from '../http/route-module.ts';
import { ociRoutes } from './oci/routes/index.ts';
import { pypiRoutes, pypiUploadRoutes } from './pypi/routes.ts';

/** The calls that each format's own clients use, one module a format. `formats/index.ts` stays free of HTTP. */
export const formatRoutes: readonly RouteModule[] = [ociRoutes, pypiRoutes, pypiUploadRoutes];
