import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../../contract/index.ts';
import { listTokens, type AccessToken } from '../../../metadata/tokens.ts';
import type { NodeRuntime } from '../../../node/context.ts';
import { requireLogin } from '../../../security/authorize.ts';
import { createToken, refreshToken, revokeToken } from '../../../security/token-changes.ts';
import type { RouteModule } from '../../route-module.ts';
import { validated } from '../../validated.ts';
import { revocation, shownToken, tokenAnswer, tokenRequest } from './token-requests.ts';

const tokensUrl = '/artifactory/api/security/token';
/** Where newer clients of Artifactory look for tokens; not below the context path. */
const platformUrl = '/access/api/v1/tokens';
type Addressed = FastifyRequest<{ Params: { id: string } }>;
/** A refresh token needs no other credentials beside it. */
const optionalLogin = { config: { access: 'optional' } } as const;
const tokenId = z.uuid();

/** Access tokens, shaped as Artifactory's two APIs; bodies are forms or JSON. */
export const accessTokenRoutes: RouteModule = (app, { runtime }) => {
  const give = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => giveToken(runtime, request, reply);
  const own = (request: FastifyRequest): Promise<AccessToken[]> => {
    requireLogin(request.principal);
    return listTokens(runtime.session().db, request.principal.role === 'admin' ? null : request.principal.name);
  };

  app.get(tokensUrl, async (request) => ({ tokens: (await own(request)).map(shownToken) }));
  app.post(tokensUrl, optionalLogin, give);
  app.post(`${tokensUrl}/revoke`, async (request, reply) => {
    requireLogin(request.principal);
    const { token, token_id: id } = validated(revocation, request.body);
    await revokeToken(runtime.session(), request.principal, id === undefined ? { token: token ?? '' } : { id });
    return reply.type('text/plain; charset=utf-8').send('Token revoked');
  });

  app.get(platformUrl, async (request) => ({ tokens: (await own(request)).map(shownToken) }));
  app.post(platformUrl, optionalLogin, give);
  app.get(`${platformUrl}/:id`, async (request: Addressed) => {
    const found = (await own(request)).find(({ id }) => id === request.params.id);
    if (found === undefined) throw new BulkheadError('TOKEN_NOT_FOUND');
    return shownToken(found);
  });
  app.delete(`${platformUrl}/:id`, async (request: Addressed) => {
    requireLogin(request.principal);
    const id = tokenId.safeParse(request.params.id);
    if (!id.success) throw new BulkheadError('TOKEN_NOT_FOUND');
    await revokeToken(runtime.session(), request.principal, { id: id.data });
    return { message: 'Token revoked' };
  });
};

async function giveToken(runtime: NodeRuntime, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { principal } = request;
  // somebody who has nothing to show is told so before the body is judged
  const isRefresh = (request.body as { grant_type?: unknown } | null | undefined)?.grant_type === 'refresh_token';
  if (!isRefresh) requireLogin(principal);
  const wanted = validated(tokenRequest, request.body);
  const made = wanted.grant_type === 'refresh_token'
    ? await refreshToken(runtime.session(), wanted.refresh_token ?? '')
    : await createToken(runtime.session(), principal, {
      user: wanted.username ?? principal.name, description: wanted.description, seconds: wanted.expires_in, scope: wanted.scope, refreshable: wanted.refreshable,
    });
  return reply.header('cache-control', 'no-store').send(tokenAnswer(made));
}
