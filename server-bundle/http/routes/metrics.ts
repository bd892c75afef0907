import { requireLogin } from '../../security/authorize.ts';
import type { RouteModule } from '../route-module.ts';

/** OpenMetrics for anybody with a login. Nothing here asks the database or the filestore. */
export const metricsRoutes: RouteModule = (app, { metrics }) => {
  app.get('/artifactory/api/v1/metrics', async (request, reply) => {
    requireLogin(request.principal);
    return reply.header('cache-control', 'no-store').type(metrics.contentType).send(await metrics.metrics());
  });
};
