import { z } from 'zod';
import { drainRequest, handOverRequest, type ClusterView, type EpochEntry } from '../../contract/index.ts';
import { unlockCollection } from '../../metadata/cluster-identity.ts';
import type { ClusterEventFeed, Runtime } from '../../node/runtime-options.ts';
import type { NodeContext } from '../../node/context.ts';
import { requireAdmin } from '../../security/authorize.ts';
import { lineIn } from '../../tasks/claim.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';
import { streamEvents } from './cluster-events.ts';

const base = '/artifactory/api/v1/cluster';

/** Answered while draining, drained and over capacity as well: that is when somebody wants to look. */
const always = { config: { always: true } } as const;

const epochQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(100) });
const eventQuery = z.strictObject({ after: z.coerce.number().int().nonnegative().optional() });
const nodeAddress = z.object({ nodeId: z.string().min(1).max(63) });
const unlockRequest = z.strictObject({ confirm: z.literal(true) });

/** The cluster as its nodes see it, and what an operator may tell it. Administrators only; no balancer passes it on. */
export const clusterRoutes: RouteModule = (app, context) => {
  const { runtime } = context;

  app.get(base, always, (request): Promise<ClusterView> => {
    requireAdmin(request.principal);
    return runtime.view();
  });

  app.get(`${base}/epochs`, always, async (request): Promise<{ apiVersion: 1; asOf: string; epochs: EpochEntry[] }> => {
    requireAdmin(request.principal);
    const { limit } = validated(epochQuery, request.query, 'PARAMETER_INVALID');
    const [epochs, { asOf }] = [await runtime.epochs(limit), await runtime.view()];
    return { apiVersion: 1, asOf, epochs };
  });

  app.get(`${base}/events`, always, (request, reply) => {
    requireAdmin(request.principal);
    const { after } = validated(eventQuery, request.query, 'PARAMETER_INVALID');
    streamEvents(feedOf(context), request, reply, after ?? null);
  });

  app.post(`${base}/master`, always, async (request) => {
    requireAdmin(request.principal);
    const { to } = validated(handOverRequest, request.body ?? {}, 'BODY_INVALID');
    const master = await runtime.session().leadership.handOver(to);
    return { apiVersion: 1, master: { ...master, since: master.since.toISOString() } };
  });

  app.post(`${base}/nodes/:nodeId/drain`, always, async (request, reply) => {
    requireAdmin(request.principal);
    const { nodeId } = validated(nodeAddress, request.params, 'PARAMETER_INVALID');
    const { deadlineSeconds, untilSeconds = null, note = null } = validated(drainRequest, request.body ?? {}, 'BODY_INVALID');
    await runtime.drain(nodeId, deadlineSeconds, { untilSeconds, note });
    return reply.code(202).send({ apiVersion: 1, nodeId, desired: 'draining' });
  });

  app.post(`${base}/nodes/:nodeId/undrain`, always, async (request, reply) => {
    requireAdmin(request.principal);
    const { nodeId } = validated(nodeAddress, request.params, 'PARAMETER_INVALID');
    await runtime.undrain(nodeId);
    return reply.code(202).send({ apiVersion: 1, nodeId, desired: 'serving' });
  });

  app.post(`${base}/collection/unlock`, always, async (request) => {
    requireAdmin(request.principal);
    validated(unlockRequest, request.body ?? {}, 'BODY_INVALID');
    const found = await context.filestore.collectionClaim();
    const reason = await unlockCollection(runtime.session().db, request.principal.name, found === null ? null : lineIn(found));
    return { apiVersion: 1, unlocked: reason !== null, reason };
  });
};

/** The routes get the runtime by the interface that all of them share; the one that `serve` makes has the feed as well. */
function feedOf({ runtime }: NodeContext): ClusterEventFeed {
  if (!hasFeed(runtime)) throw new Error('this runtime has no event feed');
  return runtime.feed;
}

function hasFeed(runtime: NodeContext['runtime']): runtime is Runtime {
  return 'feed' in runtime;
}
