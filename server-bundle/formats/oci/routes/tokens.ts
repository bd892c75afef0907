import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../../contract/index.ts';
import type { RouteModule } from '../../../http/route-module.ts';
import { validated } from '../../../http/validated.ts';
import { listRepositories } from '../../../metadata/repositories.ts';
import type { NodeContext } from '../../../node/context.ts';
import type { Authenticator } from '../../../security/authenticator.ts';
import { credentialsOf, type Credentials } from '../../../security/credentials.ts';
import { deriveToken } from '../../../security/derived-token.ts';
import { askedParts, loginOnly } from '../asked-scopes.ts';
import { sendOciError } from '../error-answer.ts';
import { registryPackageTypes } from '../package-types.ts';

/** Life time of a token. Clients get a new one when it ends; what it stands on ends it at once. Seconds. */
const lifeTime = 300;

const parameters = z.looseObject({ scope: z.union([z.string(), z.array(z.string())]).default([]) });
const form = parameters.extend({
  grant_type: z.enum(['password', 'refresh_token']),
  username: z.string().default(''),
  password: z.string().default(''),
  refresh_token: z.string().optional(),
});

/** Docker's "Token Authentication": GET with Basic credentials or none, and the form that OAuth 2 clients post. */
export function ociTokenRoutes(authenticator: Authenticator): RouteModule {
  return (app, context) => {
    // clients print what they find in the specified form, and call anything else unknown
    app.setErrorHandler((error, _request, reply) => sendOciError(reply, error));
    for (const url of ['/v2/token', '/artifactory/api/docker/:repository/v2/token']) {
      app.get(url, { config: { access: 'public' } }, (request, reply) => answer(request, reply, credentialsOf(request.headers)));
      app.post(url, { config: { access: 'public' } }, (request, reply) => {
        const given = validated(form, request.body);
        if (request.headers.authorization === undefined && given.username !== '') request.loginAs = given.username;
        return answer(request, reply, posted(given, request), given.scope);
      });
    }

    async function answer(
      request: FastifyRequest, reply: FastifyReply, credentials: Credentials, asked?: string | readonly string[],
    ): Promise<FastifyReply> {
      const scope = asked ?? validated(parameters, request.query, 'PARAMETER_INVALID').scope;
      const principal = await authenticator.principal(context.runtime.session(), credentials, request.clientAddress);
      const repositoryKey = (request.params as { repository?: string }).repository ?? null;
      const [first = loginOnly, ...rest] = askedParts([scope].flat(), repositoryKey, await registries(context));
      const token = deriveToken(context.clusterKeys, principal, [first, ...rest], lifeTime);
      if (token === undefined) throw new BulkheadError('CREDENTIALS_INVALID', 'A token is made for credentials, not for another such token');
      return reply.header('cache-control', 'no-store').send({ token, access_token: token, expires_in: lifeTime, issued_at: new Date().toISOString() });
    }
  };
}

/** Of the form, or of the header where it comes with one. */
function posted({ grant_type: kind, username, password, refresh_token: refresh }: z.output<typeof form>, request: FastifyRequest): Credentials {
  if (request.headers.authorization !== undefined) return credentialsOf(request.headers);
  if (kind === 'refresh_token') return { kind: 'token', token: refresh ?? '', user: null };
  if (username === '' && password === '') return { kind: 'none' };
  return credentialsOf({ authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` });
}

async function registries({ runtime }: NodeContext): Promise<string[]> {
  const all = await listRepositories(runtime.session().db);
  return all.flatMap(({ key, packageType }) => (registryPackageTypes.includes(packageType) ? [key] : []));
}
