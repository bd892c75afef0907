import type { FastifyInstance } from 'fastify';
import type { NodeContext } from '../node/context.ts';
import type { Authenticator } from '../security/authenticator.ts';
import { requireAdmin } from '../security/authorize.ts';
import { credentialsOf } from '../security/credentials.ts';
import type { Principal } from '../security/principal.ts';
import { replayKeyOf, type AddressRanges } from './client-address.ts';
import { isTrial } from './trial.ts';

/** Before anybody was identified, and on routes that need no login. */
export const nobody: Principal = Object.freeze({ name: 'anonymous', role: 'anonymous', via: 'anonymous' });

/** Sets `request.principal` and `request.replayKey` before any handler runs, or answers 401 or 429. */
export function authenticateRequests(app: FastifyInstance, context: NodeContext, authenticator: Authenticator, trusted: AddressRanges): void {
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access === 'public') return;
    const credentials = credentialsOf(request.headers);
    if (request.routeOptions.config.access === 'optional' && credentials.kind === 'none') return;
    request.principal = await authenticator.principal(context.runtime.session(), credentials, request.clientAddress);
    authenticator.remember(request.headers.authorization, request.principal);
    if (isTrial(request, context.runtime)) requireAdmin(request.principal);
    if (trusted(request.socket.remoteAddress)) {
      request.replayKey = replayKeyOf(request.headers['x-bulkhead-request-id'], request.principal.name, request.method, request.originalUrl);
    }
  });
}
