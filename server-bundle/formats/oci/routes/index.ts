import type { FastifyReply, FastifyRequest } from 'fastify';
import { BulkheadError } from '../../../contract/index.ts';
import { contentOf } from '../../../http/content/content-of.ts';
import { streamBodies } from '../../../http/content/request-body.ts';
import type { RouteModule } from '../../../http/route-module.ts';
import { addressesBelow } from '../../../repositories/content.ts';
import { deploymentKey } from '../../../repositories/members.ts';
import { authorize } from '../../../security/authorize.ts';
import { looksDerived } from '../../../security/derived-token.ts';
import { parseAddress, type Address, type Named } from '../address.ts';
import { challengeFor } from '../challenge.ts';
import { sendOciError } from '../error-answer.ts';
import { registryRepository, type Registry, type Scope } from '../registry.ts';
import { answerBlob } from './blobs.ts';
import { answerCatalog, answerReferrers, answerTags } from './discovery.ts';
import { registerImageSearch } from './image-search.ts';
import { answerManifest } from './manifests.ts';
import { answerUpload, answerUploads } from './uploads.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const urls = ['/v2', '/v2/', '/v2/*', '/artifactory/api/docker/:repository/v2', '/artifactory/api/docker/:repository/v2/*'];

/** The OCI distribution specification 1.1: `/v2/<repository>/<name>/…` and `/artifactory/api/docker/<repository>/v2/<name>/…`. */
export const ociRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);
  const limits = context.config.oci;
  streamBodies(app);
  app.addHook('onRequest', (_request, reply, done) => {
    // what older clients recognize a registry by
    void reply.header('docker-distribution-api-version', 'registry/2.0');
    done();
  });
  const { root } = addressesBelow(context.config.baseUrl);
  app.setErrorHandler((error, request, reply) => sendOciError(reply, error, (insufficient) => challengeFor(request, root, insufficient), hasDerivedToken(request)));
  registerImageSearch(app, () => ({ content: content(), limits }));
  for (const url of urls) {
    app.route({
      method: [...methods], url,
      handler: (request, reply) => answer({ registry: { content: content(), limits }, request, reply }, parseAddress(request.raw.url ?? '')),
    });
  }
};

/** One request of a registry client. */
export interface Exchange {
  readonly registry: Registry;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function answer(exchange: Exchange, address: Address): Promise<FastifyReply> {
  switch (address.kind) {
    case 'base':
      requireMethod(exchange, 'GET', 'HEAD');
      // clients learn here how to log in, and ask nowhere else: also where much may be read without
      if (exchange.request.headers.authorization === undefined) throw new BulkheadError('AUTHENTICATION_REQUIRED');
      return exchange.reply.send({});
    case 'catalog':
      requireMethod(exchange, 'GET', 'HEAD');
      return answerCatalog(exchange, address.repositoryKey);
    case 'token': throw new BulkheadError('ROUTE_NOT_FOUND');
    case 'tags':
      requireMethod(exchange, 'GET', 'HEAD');
      return answerTags(exchange, scopeOf(exchange, address));
    case 'referrers':
      requireMethod(exchange, 'GET', 'HEAD');
      return answerReferrers(exchange, scopeOf(exchange, address), address.reference);
    case 'manifest':
      requireMethod(exchange, 'GET', 'HEAD', 'PUT', 'DELETE');
      return answerManifest(exchange, await (exchange.request.method === 'PUT' ? pushScope : scopeOf)(exchange, address), address.reference);
    case 'blob':
      requireMethod(exchange, 'GET', 'HEAD', 'DELETE');
      return answerBlob(exchange, scopeOf(exchange, address), address.reference);
    case 'uploads':
      requireMethod(exchange, 'POST');
      return answerUploads(exchange, await pushScope(exchange, address));
    case 'upload':
      requireMethod(exchange, 'GET', 'PATCH', 'PUT', 'DELETE');
      return answerUpload(exchange, await pushScope(exchange, address), address.reference);
  }
}

function scopeOf({ request }: Exchange, { prefix, repositoryKey, name }: Named): Scope {
  return { principal: request.principal, replayKey: request.replayKey, prefix, repositoryKey, name };
}

/** What is pushed to a virtual repository goes to the one that takes it; addresses stay those that the client knows. */
async function pushScope(exchange: Exchange, named: Named): Promise<Scope> {
  const { content } = exchange.registry;
  await registryRepository(exchange.registry, named.repositoryKey);
  authorize(exchange.request.principal, 'deploy', named.repositoryKey, `${named.name}/_blobs/upload`);
  return { ...scopeOf(exchange, named), repositoryKey: await deploymentKey(content.session.coherence.read, named.repositoryKey) };
}

function hasDerivedToken({ headers: { authorization = '' } }: FastifyRequest): boolean {
  return looksDerived(authorization.replace(/^bearer /i, ''));
}

function requireMethod({ request }: Exchange, ...allowed: readonly string[]): void {
  if (!allowed.includes(request.method)) throw new BulkheadError('METHOD_NOT_ALLOWED', undefined, { details: { allow: allowed.join(', ') } });
}
