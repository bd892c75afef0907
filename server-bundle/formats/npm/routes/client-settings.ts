import type { FastifyReply } from 'fastify';
import { credentialsOf } from '../../../security/credentials.ts';
import { requireLogin } from '../../../security/authorize.ts';
import { userNamed } from '../../../security/proof.ts';
import { registryAddress } from '../documents.ts';
import { npmRepository } from '../registry/npm-repository.ts';
import { invalid } from '../publication.ts';
import type { Call, NpmRoute } from './call.ts';

/** Artifactory's calls that write lines for `.npmrc`: of what the caller has sent, so that nothing new is told. */
export const clientSettings = {
  /** `GET /api/npm/auth` */
  everywhere: { method: 'GET', pattern: '', handle: async (call: Call) => text(call, [`_auth = ${pair(call)}`, 'always-auth = true', `email = ${await emailOf(call)}`]) },
  /** `GET /api/npm/{repository}/auth/{scope}` */
  scoped: {
    method: 'GET', pattern: 'auth/:scope',
    handle: async (call: Call) => {
      const scope = call.value('scope').replace(/^@/, '');
      if (!/^[\w.~-]+$/.test(scope)) throw invalid('scope', 'is not the name of a scope');
      await npmRepository(call.content, call.repositoryKey);
      const registry = registryAddress(call.content.addresses.root, call.repositoryKey);
      const key = registry.replace(/^https?:/, '');
      return text(call, [`@${scope}:registry=${registry}`, `${key}:_auth=${pair(call)}`, `${key}:email=${await emailOf(call)}`, `${key}:always-auth=true`]);
    },
  },
} as const satisfies Record<string, NpmRoute>;

function text(call: Call, lines: readonly string[]): FastifyReply {
  return call.reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(`${lines.join('\n')}\n`);
}

/** User and password (or token) as the caller has sent them, in the form of a Basic header. */
function pair({ request }: Call): string {
  requireLogin(request.principal);
  const credentials = credentialsOf(request.headers);
  const secret = credentials.kind === 'none' ? '' : credentials.kind === 'password' ? credentials.password : credentials.token;
  return Buffer.from(`${request.principal.name}:${secret}`).toString('base64');
}

async function emailOf({ request, content }: Call): Promise<string> {
  return (await userNamed(content.session.coherence.read, request.principal.name))?.email ?? '';
}
