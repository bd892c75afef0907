import { z } from 'zod';
import { listTokens } from '../../metadata/tokens.ts';
import { requireLogin } from '../../security/authorize.ts';
import { createToken, revokeToken } from '../../security/token-changes.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

const tenYears = 10 * 365 * 24 * 3600;

/** Artifactory's form fields. Rights of a token are its user's: a scope that would narrow them is refused, not ignored. */
const tokenRequest = z.object({
  grant_type: z.literal('client_credentials').optional(),
  username: z.string().optional(),
  scope: z.string().regex(/^(applied-permissions\/user|api:\*)$/, 'is not known: leave it out, or use applied-permissions/user').optional(),
  expires_in: z.coerce.number().int().min(0).max(tenYears).default(3600),
  refreshable: z.union([z.literal(false), z.literal('false')], 'is not supported').optional(),
  description: z.string().max(256).default(''),
  audience: z.string().optional(),
});

const revocation = z.object({ token: z.string().optional(), token_id: z.uuid().optional() })
  .refine((body) => (body.token === undefined) !== (body.token_id === undefined), 'name either token or token_id');

const tokensUrl = '/artifactory/api/security/token';

/** Access tokens, shaped as Artifactory's security API; bodies are forms or JSON. */
export const accessTokenRoutes: RouteModule = (app, { runtime }) => {
  app.get(tokensUrl, async (request) => {
    const { principal } = request;
    requireLogin(principal);
    const tokens = await listTokens(runtime.session().db, principal.role === 'admin' ? null : principal.name);
    return { tokens: tokens.map((token) => ({
      token_id: token.id, issuer: 'bulkhead', subject: token.user, description: token.description, refreshable: false,
      issued_at: seconds(token.createdAt.getTime()), ...(token.expiresAt === null ? {} : { expiry: seconds(token.expiresAt) }),
    })) };
  });

  app.post(tokensUrl, async (request, reply) => {
    const { principal } = request;
    requireLogin(principal);
    const wanted = validated(tokenRequest, request.body);
    const made = await createToken(runtime.session(), principal, {
      user: wanted.username ?? principal.name, description: wanted.description, seconds: wanted.expires_in,
    });
    return reply.header('cache-control', 'no-store').send({
      token_id: made.id, access_token: made.token, expires_in: wanted.expires_in, scope: wanted.scope ?? 'applied-permissions/user', token_type: 'Bearer',
    });
  });

  app.post(`${tokensUrl}/revoke`, async (request, reply) => {
    requireLogin(request.principal);
    const { token, token_id: id } = validated(revocation, request.body);
    await revokeToken(runtime.session(), request.principal, id === undefined ? { token: token ?? '' } : { id });
    return reply.type('text/plain; charset=utf-8').send('Token revoked');
  });
};

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
