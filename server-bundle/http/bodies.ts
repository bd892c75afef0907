import type { FastifyInstance } from 'fastify';
import { BulkheadError } from '../contract/index.ts';
import { depthProblem } from './json-depth.ts';

/**
 * Bodies of our own API: JSON in any of its media types, and forms, which Artifactory's token calls use. Route modules that
 * stream bodies set parsers of their own in their own instance.
 */
export function parseBodies(app: FastifyInstance): void {
  const json = app.getDefaultJsonParser('error', 'error');
  // Fastify's own would be asked first, and take what lies too deep
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json/, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // many clients name a media type with every request: one without a body has none
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    const problem = depthProblem(body);
    if (problem !== null) done(problem);
    else void json(request, body.toString('utf8'), done);
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body.toString())));
  });
  app.addContentTypeParser('*', (request, _payload, done) => {
    const { 'content-length': length = '0', 'transfer-encoding': coding } = request.headers;
    // whoever asks for what is not there is told that, whatever comes with it
    if (request.is404 || (length === '0' && coding === undefined)) done(null, undefined);
    else done(new BulkheadError('MEDIA_TYPE_UNSUPPORTED'));
  });
}
