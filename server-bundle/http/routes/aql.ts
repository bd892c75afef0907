import { z } from 'zod';
import { findItems } from '../../repositories/search/aql/find-items.ts';
import { contentOf } from '../content/content-of.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

/** Bytes; the JFrog command line joins patterns and exclusions into one query. */
const longestQuery = 256 * 1024;
const query = z.string().min(1, 'a query is needed');

/** Artifactory's query language over items. The body is the query, whatever its media type says. */
export const aqlRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);
  void app.register((own, _options, done) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser('*', { parseAs: 'string', bodyLimit: longestQuery }, (_request, body, parsed) => { parsed(null, body); });
    own.post('/artifactory/api/search/aql', async (request) => findItems(content(), request.principal, validated(query, request.body ?? '')));
    done();
  });
};
