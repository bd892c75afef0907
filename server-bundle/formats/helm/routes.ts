import { parseArtifactUrl } from '../../http/artifact-path.ts';
import { contentOf } from '../../http/content/content-of.ts';
import { sendResolved } from '../../http/content/send-resolved.ts';
import type { RouteModule } from '../../http/route-module.ts';
import { artifactNotFound } from '../../repositories/content.ts';
import { readRepositoryOf } from '../../repositories/require-format.ts';
import { resolve } from '../../repositories/resolve.ts';

const prefix = '/artifactory/api/helm/';

/** `GET /api/helm/{repository}/…`: the same index and files as at `/{repository}/…`; clients know both addresses. */
export const helmRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);
  app.route({
    method: ['GET', 'HEAD'],
    url: `${prefix}:repository/*`,
    handler: async (request, reply) => {
      const { repositoryKey, path } = parseArtifactUrl(request.raw.url ?? '', prefix);
      await readRepositoryOf(content(), repositoryKey, 'helm');
      const found = await resolve(content(), request.principal, repositoryKey, path);
      if (found.kind === 'nothing') throw artifactNotFound(repositoryKey, path);
      return sendResolved(request, reply, content(), found, path.slice(path.lastIndexOf('/') + 1));
    },
  });
};
