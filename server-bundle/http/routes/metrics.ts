import { BulkheadError } from '../../contract/index.ts';
import type { RouteModule } from '../route-module.ts';

/** OpenMetrics for anybody with a login. Nothing here asks the database or the filestore. */
export const metricsRoutes: RouteModule = (app, { metrics }) => {
  app.get('/artifactory/api/v1/metrics', async (request, reply) => {
    if (request.principal.role === 'anonymous') throw new BulkheadError('AUTHENTICATION_REQUIRED');
    return reply.header('cache-control', 'no-store').type(metrics.contentType).send(await metrics.metrics());
  });
};
