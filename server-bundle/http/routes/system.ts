import { BulkheadError, type ObservedState } from '../../contract/index.ts';
import { requireLogin } from '../../security/authorize.ts';
import type { RouteModule } from '../route-module.ts';

/** Answered always and to everybody, without database and filestore: a balancer must never wait for them. */
const health = { config: { access: 'public', always: true } } as const;

/** Plugins of build tools refuse to work with versions of Artifactory that are older than they need: this is the one whose calls are answered. */
const answeredVersion = '7.77.0';

/** As Artifactory writes states; the JFrog command line counts on the word for a node that serves. */
function stateOf(observed: ObservedState): string {
  return observed === 'serving' ? 'RUNNING' : observed.toUpperCase();
}

/** Ping, liveness, readiness, version and status. */
export const systemRoutes: RouteModule = (app, context) => {
  const { runtime, version } = context;
  /** `OK` only while this node wants to be sent requests: draining begins here, seconds before it refuses anything. */
  const ready = (): void => {
    const state = runtime.state();
    if (state === 'serving') return;
    if (state === 'no-database') throw new BulkheadError('DATABASE_UNAVAILABLE');
    if (state === 'draining' || state === 'drained' || state === 'stopped') throw new BulkheadError('DRAINING');
    const reason = runtime.problem()?.code;
    // whoever asks here has not logged in: the code tells an operator where to look, the node's log has the rest
    throw new BulkheadError('NOT_SERVING', `This node is ${state}`, reason === undefined ? {} : { details: { reason } });
  };

  for (const method of ['GET', 'POST'] as const) {
    app.route({ method, url: '/artifactory/api/system/ping', ...health, handler: (_request, reply) => {
      ready();
      return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send('OK');
    } });
  }
  app.get('/artifactory/api/v1/system/readiness', health, () => {
    ready();
    return { ready: true, nodeId: context.config.node.id };
  });
  /** The process answers: that is all a supervisor must know before it would start it anew. */
  app.get('/artifactory/api/v1/system/liveness', health, () => ({ alive: true, nodeId: context.config.node.id, state: runtime.state() }));

  app.get('/artifactory/api/system/version', () => ({
    version: answeredVersion, revision: version, addons: [], license: 'Apache-2.0', product: 'Bulkhead',
  }));
  app.get('/artifactory/api/system/status', async (request) => {
    requireLogin(request.principal);
    const view = await runtime.view();
    return { nodes: view.nodes.map((node) => ({ id: node.nodeId, state: stateOf(node.observed) })) };
  });
};
