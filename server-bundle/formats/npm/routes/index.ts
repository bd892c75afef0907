import type { FastifyReply, FastifyRequest } from 'fastify';
import { contentOf } from '../../../http/content/content-of.ts';
import { receiving, streamBodies } from '../../../http/content/request-body.ts';
import type { RouteModule } from '../../../http/route-module.ts';
import type { Authenticator } from '../../../security/authenticator.ts';
import { accessRoutes } from './access.ts';
import { accountRoutes, loginRoute } from './accounts.ts';
import { parseRegistryUrl, prefix } from './address.ts';
import { clientSettings } from './client-settings.ts';
import { findRoute, type Call, type NpmRoute } from './call.ts';
import { distTagRoutes } from './dist-tags.ts';
import { sendNpmError } from './error-answer.ts';
import { packageRoutes } from './packages.ts';
import { queryRoutes } from './queries.ts';

const ping: NpmRoute = { method: 'GET', pattern: '-/ping', handle: async () => ({}) };

/** npm's registry API of each npm repository, below `/artifactory/api/npm/{repository}/`. */
export function npmRoutes(authenticator: Authenticator): RouteModule {
  return (app, context) => {
    const content = contentOf(context);
    streamBodies(app);
    app.setErrorHandler((error, _request, reply) => sendNpmError(reply, error));
    const handlerOf = (routes: readonly NpmRoute[]) => (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => receiving(request, reply, async () => {
      const address = parseRegistryUrl(request.raw.url ?? '');
      const { route, values } = findRoute(routes, request.method, address);
      const call: Call = { request, reply, content: content(), repositoryKey: address.repositoryKey, value: (name) => values[name] ?? '' };
      return route.handle(call);
    });
    const handler = handlerOf([clientSettings.scoped, ...queryRoutes, ...accountRoutes(authenticator), ...distTagRoutes, ...accessRoutes, ...packageRoutes]);
    for (const url of [`${prefix}:repository`, `${prefix}:repository/*`]) {
      app.route({ method: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'], url, exposeHeadRoute: false, handler });
    }
    app.get(`${prefix}auth`, { exposeHeadRoute: false }, handlerOf([clientSettings.everywhere]));
    // the router decodes nothing that these two hold
    app.route({ method: ['GET', 'HEAD'], url: `${prefix}:repository/-/ping`, exposeHeadRoute: false, config: { access: 'public' }, handler: handlerOf([ping]) });
    app.route({ method: 'PUT', url: `${prefix}:repository/-/user/:user`, config: { access: 'public' }, handler: handlerOf([loginRoute(authenticator)]) });
  };
}
