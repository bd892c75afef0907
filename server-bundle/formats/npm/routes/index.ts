import type { FastifyReply, FastifyRequest } from 'fastify';
import { contentOf } from '../../../http/content/content-of.ts';
import { receiving, sendRecorded, streamBodies } from '../../../http/content/request-body.ts';
import type { RouteModule } from '../../../http/route-module.ts';
import type { Authenticator } from '../../../security/authenticator.ts';
import { publish } from '../registry/publish.ts';
import { unpublishPackage, unpublishVersions } from '../registry/unpublish.ts';
import { parseRegistryUrl, prefix } from './address.ts';
import { findRoute, packageRequest, type Call, type NpmRoute } from './call.ts';
import { distTagRoutes } from './dist-tags.ts';
import { sendNpmError } from './error-answer.ts';
import { jsonBody, plainBody } from './json-body.ts';
import { getPackument, getVersion } from './packuments.ts';
import { deleteTarball, getTarball } from './tarballs.ts';

/** A packument that a client sends back, bytes. */
const maxPackument = 64 * 1024 * 1024;

const packages: readonly NpmRoute[] = [
  { method: 'GET', pattern: ':package', handle: getPackument },
  { method: 'PUT', pattern: ':package', handle: async (call) => sendRecorded(call.reply, await publish(call.content, packageRequest(call), plainBody(call.request))) },
  { method: 'GET', pattern: ':package/:version', handle: getVersion },
  { method: 'GET', pattern: ':package/-/:file', handle: getTarball },
  { method: 'DELETE', pattern: ':package/-/:file/-rev/:revision', handle: deleteTarball },
  { method: 'DELETE', pattern: ':package/-rev/:revision', handle: async (call) => sendRecorded(call.reply, await unpublishPackage(call.content, packageRequest(call), call.value('revision'))) },
  {
    method: 'PUT', pattern: ':package/-rev/:revision',
    handle: async (call) => sendRecorded(call.reply, await unpublishVersions(call.content, packageRequest(call), call.value('revision'), await jsonBody(call.request, maxPackument))),
  },
];

/** npm's registry API of each npm repository, below `/artifactory/api/npm/{repository}/`. */
export function npmRoutes(_authenticator: Authenticator): RouteModule {
  return (app, context) => {
    const content = contentOf(context);
    streamBodies(app);
    app.setErrorHandler((error, _request, reply) => sendNpmError(reply, error));
    const routes = [...packages, ...distTagRoutes];
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => receiving(request, reply, async () => {
      const address = parseRegistryUrl(request.raw.url ?? '');
      const { route, values } = findRoute(routes, request.method, address);
      const call: Call = { request, reply, content: content(), repositoryKey: address.repositoryKey, value: (name) => values[name] ?? '' };
      return route.handle(call);
    });
    for (const url of [`${prefix}:repository`, `${prefix}:repository/*`]) {
      app.route({ method: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'], url, exposeHeadRoute: false, handler });
    }
  };
}
