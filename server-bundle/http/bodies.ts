import type { FastifyInstance } from 'fastify';

/**
 * Bodies of our own API: JSON in any of its media types, and forms, which Artifactory's token calls use. Route modules that
 * stream bodies set parsers of their own in their own instance.
 */
export function parseBodies(app: FastifyInstance): void {
  const json = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json/, { parseAs: 'string' }, json);
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body.toString())));
  });
}
