import type { FastifyRequest } from 'fastify';
import { findApiKey } from '../../../metadata/tokens.ts';
import { requireAdmin, requireLogin } from '../../../security/authorize.ts';
import type { Principal } from '../../../security/principal.ts';
import { createApiKey, revokeToken } from '../../../security/token-changes.ts';
import type { RouteModule } from '../../route-module.ts';

const url = '/artifactory/api/security/apiKey';

/** Artifactory's API keys: one token without expiry for each user. Only its hash is kept, so it is shown when it is made and never again. */
export const apiKeyRoutes: RouteModule = (app, { runtime }) => {
  const revoke = async (by: Principal, user: string): Promise<{ info: string }> => {
    const session = runtime.session();
    const key = await findApiKey(session.db, user);
    if (key !== undefined) await revokeToken(session, by, { id: key.id });
    return { info: `API key for user: '${user}' has been ${key === undefined ? 'revoked before' : 'successfully revoked'}` };
  };

  app.get(url, async ({ principal }) => {
    requireLogin(principal);
    const key = await findApiKey(runtime.session().db, principal.name);
    return key === undefined ? {} : { apiKey: null, createdAt: key.createdAt.toISOString() };
  });
  app.post(url, async ({ principal }, reply) => {
    requireLogin(principal);
    return reply.code(201).header('cache-control', 'no-store').send({ apiKey: await createApiKey(runtime.session(), principal, 'refuse') });
  });
  app.put(url, async ({ principal }, reply) => {
    requireLogin(principal);
    return reply.header('cache-control', 'no-store').send({ apiKey: await createApiKey(runtime.session(), principal, 'replace') });
  });
  app.delete(url, ({ principal }) => {
    requireLogin(principal);
    return revoke(principal, principal.name);
  });
  app.delete(`${url}/:name`, (request: FastifyRequest<{ Params: { name: string } }>) => {
    requireAdmin(request.principal);
    return revoke(request.principal, request.params.name);
  });
};
