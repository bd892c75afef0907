import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../contract/index.ts';
import { cleanTrash, emptyTrash } from '../../repositories/trash/clean.ts';
import { restore } from '../../repositories/trash/restore.ts';
import { changeTrashSettings, readTrashSettings, trashSettings } from '../../repositories/trash/trash-can.ts';
import { requireAdmin } from '../../security/authorize.ts';
import { parseArtifactUrl, parseDecodedPath, type RepositoryPath } from '../artifact-path.ts';
import { contentOf } from '../content/content-of.ts';
import { sendRecorded } from '../content/request-body.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

const restoring = z.object({ to: z.string().min(1).optional() });
const base = '/artifactory/api/trash/';
const settingUrl = '/artifactory/api/v1/settings/trash-can';

/** The trash can: restore, empty, clean, and its setting. Administrators only. */
export const trashRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);

  for (const url of [`${base}restore/:repository`, `${base}restore/:repository/*`]) {
    app.post(url, async (request, reply) => {
      requireAdmin(request.principal);
      const from = pathIn(request, `${base}restore/`);
      const { to } = validated(restoring, request.query, 'PARAMETER_INVALID');
      const answer = await restore(content(), {
        principal: request.principal, from, to: to === undefined ? from : parseDecodedPath(to), replayKey: request.replayKey,
      });
      return sendRecorded(reply, answer);
    });
  }

  app.post(`${base}empty`, async (request, reply) => {
    await emptyTrash(content().session, request.principal);
    return reply.type('text/plain; charset=utf-8').send('Trash can emptied successfully\n');
  });

  for (const url of [`${base}clean/:repository`, `${base}clean/:repository/*`]) {
    app.delete(url, async (request, reply) => {
      requireAdmin(request.principal);
      const { repositoryKey, path } = pathIn(request, `${base}clean/`);
      await cleanTrash(content().session, request.principal, path === '' ? `${repositoryKey}/` : `${repositoryKey}/${path}`);
      return reply.type('text/plain; charset=utf-8').send('Trash item cleaned successfully\n');
    });
  }

  app.get(settingUrl, async (request) => {
    requireAdmin(request.principal);
    return readTrashSettings(content().session.coherence.read);
  });

  app.put(settingUrl, async (request) => {
    requireAdmin(request.principal);
    const settings = validated(trashSettings, request.body);
    await changeTrashSettings(content().session, settings, request.principal.name);
    return settings;
  });
};

function pathIn(request: FastifyRequest, prefix: string): RepositoryPath {
  const named = parseArtifactUrl(request.raw.url ?? '', prefix);
  if (named.repositoryKey === '') throw new BulkheadError('PATH_INVALID');
  return named;
}
