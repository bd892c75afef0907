import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { BulkheadError } from '../contract/index.ts';

/**
 * `Expect: 100-continue` (RFC 9110, 10.1.1): a client that waits is told to send its body only once the request was let in, so that
 * a refused upload costs nothing. Other expectations are refused.
 */
export function answerExpectations(app: FastifyInstance): void {
  const waiting = new WeakSet<IncomingMessage>();
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request);
    app.server.emit('request', request, response);
  });
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    app.server.emit('request', request, response);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const { expect } = request.headers;
    if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
      throw new BulkheadError('EXPECTATION_FAILED', undefined, { details: { header: 'Expect' } });
    }
    done();
  });
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (waiting.delete(request.raw)) reply.raw.writeContinue();
    done(null, payload);
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    // whether the body comes after all is open: the next request cannot be told from it
    if (waiting.has(request.raw)) void reply.header('connection', 'close');
    done(null, payload);
  });
}
