import type { RouteModule } from '../http/route-module.ts';
import type { Authenticator } from '../security/authenticator.ts';
import { helmRoutes } from './helm/routes.ts';
import { npmRoutes } from './npm/routes/index.ts';
import { ociRoutes } from './oci/routes/index.ts';
import { ociTokenRoutes } from './oci/routes/tokens.ts';
import { pypiRoutes, pypiUploadRoutes } from './pypi/routes.ts';

/**
 * The calls that each format's own clients use, one module a format. `formats/index.ts` stays free of HTTP.
 * @param authenticator for calls that carry credentials in their body
 */
export function formatRoutes(authenticator: Authenticator): readonly RouteModule[] {
  return [helmRoutes, ociRoutes, ociTokenRoutes(authenticator), pypiRoutes, pypiUploadRoutes, npmRoutes(authenticator)];
}
