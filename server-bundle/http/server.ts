import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { BulkheadError } from '../contract/index.ts';
import type { NodeContext } from '../node/context.ts';
import type { Authenticator } from '../security/authenticator.ts';
import { admit } from './admission.ts';
import { auditRequests } from './audit/audit-requests.ts';
import { authenticateRequests, nobody } from './authentication.ts';
import { parseBodies } from './bodies.ts';
import { addressRanges, requestIds } from './client-address.ts';
import { answerClientError } from './client-errors.ts';
import { sendError } from './error-answer.ts';
import { limitConnections } from './connection-limit.ts';
import { answerExpectations } from './expectations.ts';
import { forwardedAddress } from './forwarded-address.ts';
import { findHot } from './hot/find-hot.ts';
import { hotLine } from './hot/hot-line.ts';
import { hotReads } from './hot/hot-reads.ts';
import { offerHeads } from './hot/offer-heads.ts';
import { wasRefused } from './hot/request-heads.ts';
import { lingerBehindRefusals } from './linger.ts';
import { guardMethods } from './method-guard.ts';
import { requestLine, watchRequest, type FinishedRequest } from './request-log.ts';
import { limitPipelining } from './pipelining.ts';
import { processMetrics } from './process-metrics.ts';
import { requestMetrics } from './request-metrics.ts';
import type { RouteModule } from './route-module.ts';
import { limitSockets } from './socket-limits.ts';
import { isFetching, keepUnfetched } from './unfetched.ts';

/** Largest request line and headers together, bytes. */
const maxHeaderBytes = 32 * 1024;
/** A client has this long to send its headers. */
const headersTimeoutMs = 20_000;
/** How often connections are held against that. */
const checkingIntervalMs = 2000;
/** A connection on which nothing is asked ends after so long. */
const keepAliveMs = 75_000;

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  // artifacts are other people's files: a browser must not run them in our origin
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'referrer-policy': 'no-referrer',
};

/** Where members of the cluster upgrade to WebSocket; everything else that offers an upgrade is answered as plain HTTP. */
export const meshPath = '/artifactory/api/v1/mesh';

/** The part of a request target that names something here: without scheme and host (RFC 9112, 3.2.2), and with the context path. */
function addressOf(target: string): string {
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '') || '/';
  return local.startsWith('/api/') ? `/artifactory${local}` : local;
}

const serverOptions: ServerOptions = {
  maxHeaderSize: maxHeaderBytes,
  headersTimeout: headersTimeoutMs,
  connectionsCheckingInterval: checkingIntervalMs,
  requireHostHeader: false,
  shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket' && request.url?.split('?', 1)[0] === meshPath,
};

/**
 * The node's HTTP server: admission, authentication, errors, limits and the request log around the route modules.
 * It does not listen yet.
 *
 * @param observe told of each client request that is over
 */
export function createHttpServer(
  context: NodeContext, authenticator: Authenticator, modules: readonly RouteModule[], observe: (finished: Pick<FinishedRequest, 'seconds' | 'bytesIn' | 'bytesOut'>) => void = () => undefined,
): FastifyInstance {
  const { config, log } = context;
  const trusted = addressRanges(config.http.trustedProxies);
  const clientAddressOf = ({ raw: { socket, headers } }: FastifyRequest): string => forwardedAddress(socket.remoteAddress ?? '', headers['x-forwarded-for'], trusted);
  const underWay = new WeakMap<object, FastifyReply>();
  const writeLine = requestLine(log, config.log.requests);
  const { count, countHot } = requestMetrics(context.metrics, context.runtime);
  processMetrics(context.metrics, context);
  const requestId = requestIds(randomBytes(4).toString('hex'));
  const writeHotLine = hotLine(log, config.log.requests);
  const finished = (request: FinishedRequest): void => {
    count(request);
    // what watches this node is no traffic
    if (request.route !== null && request.request.routeOptions.config.always !== true) observe(request);
    writeLine(request);
    audit(request);
  };
  const app = Fastify({
    logger: false,
    bodyLimit: config.http.maxJsonBytes,
    requestIdHeader: false,
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    keepAliveTimeout: keepAliveMs,
    requestTimeout: 0,
    connectionTimeout: 0,
    rewriteUrl: ({ url = '/' }) => addressOf(url),
    routerOptions: { maxParamLength: 4096 },
    http: serverOptions,
    clientErrorHandler: answerClientError(log, (socket) => {
      const reply = underWay.get(socket);
      if (reply === undefined || reply.raw.closed) return 'none';
      return reply.raw.headersSent ? 'answering' : 'unanswered';
    }),
    // an address that cannot be decoded: no hook runs
    frameworkErrors: (error, request, reply) => {
      watchRequest(request, reply, null, finished);
      request.principal = nobody;
      request.clientAddress = clientAddressOf(request);
      void sendError(reply.headers(securityHeaders), error);
    },
  });

  const audit = auditRequests(app, context);
  app.decorateRequest('principal');
  app.decorateRequest('clientAddress', '');
  app.decorateRequest('replayKey', null);
  app.decorateRequest('failure', null);
  app.decorateRequest('loginAs', null);

  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    underWay.set(socket, reply);
    watchRequest(request, reply, request.is404 ? null : request.routeOptions.url ?? null, finished);
    request.principal = nobody;
    request.clientAddress = clientAddressOf(request);
    reply.headers(securityHeaders).header('x-request-id', request.id).header('x-bulkhead-node', config.node.id);
    done();
  });
  const unrouted = guardMethods(app);
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404 || request.routeOptions.config.unrouted === true) throw unrouted(request.raw.url ?? '');
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      throw new BulkheadError('HEADER_INVALID', 'The Host header is missing', { details: { header: 'Host' } });
    }
    done();
  });
  app.setNotFoundHandler((request) => {
    throw unrouted(request.raw.url ?? '');
  });
  app.setErrorHandler((error, _request, reply) => sendError(reply, error));

  answerExpectations(app);
  lingerBehindRefusals(app);
  admit(app, context);
  authenticateRequests(app, context, authenticator, trusted);
  parseBodies(app);
  const watchSocket = limitSockets(app, config.http.idleTimeoutMs);
  limitConnections(app.server, config.http.maxConnections, (socket) => isFetching(socket) || underWay.get(socket)?.raw.closed === false);
  keepUnfetched(app.server);
  for (const module of modules) {
    app.register((instance, _options, done) => {
      Promise.resolve(module(instance, context)).then(() => { done(); }, done);
    });
  }
  const tooMany = limitPipelining();
  const hot = hotReads({
    find: findHot({ context, authenticator, trusted, headers: securityHeaders, keepAliveSeconds: keepAliveMs / 1000 }),
    inFlight: context.runtime.inFlight, requestId, unfinished: watchSocket,
    finished: (read) => {
      countHot(read);
      observe({ seconds: read.seconds, bytesIn: 0, bytesOut: read.bytesOut });
      writeHotLine(read);
    },
  });
  offerHeads(app.server, hot.head, log);
  takeBefore(app.server, (request, response) => tooMany(request, response) || (!wasRefused(request.socket) && hot.request(request, response)));
  return app;
}

type Take = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Offers every request to `take`; what it does not answer goes to everybody who listened so far. */
function takeBefore(server: Server, take: Take): void {
  const others = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (take(request, response)) return;
    for (const listener of others) listener.call(server, request, response);
  });
}

/** The Node.js server below, for what upgrades connections. */
export function rawServer(app: FastifyInstance): Server {
  return app.server;
}
