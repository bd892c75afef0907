import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findRepository, listRepositories } from '../../metadata/repositories.ts';
import type { NodeContext } from '../../node/context.ts';
import { changeRepository, createRepository, removeRepository } from '../../repositories/administration.ts';
import { repositoryJson } from '../../repositories/configuration.ts';
import { repositoryNotFound, withFormat } from '../../repositories/repository.ts';
import { authorize, mayRead } from '../../security/authorize.ts';
import { parseArtifactUrl } from '../artifact-path.ts';
import { contentOf } from '../content/content-of.ts';
import { validated } from '../validated.ts';

const prefix = '/artifactory/api/repositories/';
const configurationName: Readonly<Record<string, string>> = { local: 'Local', remote: 'Remote', virtual: 'Virtual' };
const flag = z.enum(['', '0', '1', 'true', 'false']).default('0').transform((value) => value !== '0' && value !== 'false');
const removeQuery = z.object({ force: flag });
/** The JFrog command line names both and leaves them empty when it wants all. */
const chosen = z.string().optional().transform((value) => (value === '' ? undefined : value?.toLowerCase()));
const listQuery = z.object({ type: chosen, packageType: chosen });

/** `/api/repositories[/{key}]` in Artifactory's JSON. */
export function registerRepositoryRoutes(app: FastifyInstance, context: NodeContext): void {
  const content = contentOf(context);

  app.get('/artifactory/api/repositories', async (request) => {
    authorize(request.principal, 'read', null, null);
    const query = validated(listQuery, request.query, 'PARAMETER_INVALID');
    const { session, addresses } = content();
    return (await listRepositories(session.db)).filter(({ key }) => mayRead(request.principal, key, null)).map(withFormat)
      .filter(({ rclass }) => query.type === undefined || query.type === rclass)
      .filter(({ packageType }) => query.packageType === undefined || query.packageType === packageType)
      .map(({ key, description, rclass, format }) => ({
        key, ...(description === '' ? {} : { description }), type: rclass.toUpperCase(), url: addresses.repository(key), packageType: format.displayName,
      }));
  });

  app.get('/artifactory/api/repositories/:key', async (request, reply) => {
    const key = keyOf(request);
    authorize(request.principal, 'read', key, null);
    const repository = await findRepository(content().session.db, key);
    if (repository === undefined) throw repositoryNotFound(key);
    return reply.type(`application/vnd.org.jfrog.artifactory.repositories.${configurationName[repository.rclass] ?? 'Local'}RepositoryConfiguration+json`).send(JSON.stringify(repositoryJson(repository), null, 2));
  });

  app.put('/artifactory/api/repositories/:key', async (request, reply) => {
    const key = keyOf(request);
    await createRepository(content(), request.principal, key, request.body);
    return reply.type('text/plain').send(`Successfully created repository '${key}' \n`);
  });

  app.post('/artifactory/api/repositories/:key', async (request, reply) => {
    const key = keyOf(request);
    await changeRepository(content(), request.principal, key, request.body);
    return reply.type('text/plain').send(`Repository ${key} update successfully.\n`);
  });

  app.delete('/artifactory/api/repositories/:key', async (request, reply) => {
    const key = keyOf(request);
    const { force } = validated(removeQuery, request.query, 'PARAMETER_INVALID');
    await removeRepository(content(), request.principal, key, force);
    return reply.type('text/plain').send(`Repository ${key} and all its content have been removed successfully.\n`);
  });
}

function keyOf(request: FastifyRequest): string {
  return parseArtifactUrl(request.raw.url ?? '', prefix).repositoryKey;
}
