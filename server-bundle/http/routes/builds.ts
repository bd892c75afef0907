import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../contract/index.ts';
import { deleteBuilds, findBuild, listBuildRuns, listBuilds, putBuild } from '../../metadata/builds.ts';
import { committed } from '../../metadata/committed.ts';
import { authorize, requireLogin } from '../../security/authorize.ts';
import { contentOf } from '../content/content-of.ts';
import { flag } from '../query-flag.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

const base = '/artifactory/api/build';
/** A build of many modules tells of every file; bytes. */
const largestInfo = 32 * 1024 * 1024;

const word = z.string().min(1).max(255).refine((text) => !text.includes('\u0000') && text.isWellFormed(), 'holds a character that is not allowed');
/** Build tools write the zone as +0100, which ISO 8601 allows and many parsers do not. */
const started = z.string().max(64).transform((text, context) => {
  const time = new Date(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (!Number.isNaN(time.getTime()) && time.getTime() > 0) return time;
  context.addIssue({ code: 'custom', message: 'is not a time' });
  return z.NEVER;
});
const buildInfo = z.looseObject({ name: word, number: word, started });
const named = z.object({ name: word });
const numbered = named.extend({ number: word });
const findQuery = z.object({ started: started.optional() });
const deleteQuery = z.object({ buildNumbers: z.string().optional(), deleteAll: flag.default(false), artifacts: flag.default(false) });

/**
 * Build-info of Jenkins, Gradle, Maven and the command line: kept and given back as it was published. Published by who may deploy, deleted by who may
 * delete, read by who is logged in.
 */
export const buildRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);
  const uriOf = (...parts: string[]): string => [`${content().addresses.root}/api/build`, ...parts.map(encodeURIComponent)].join('/');
  const mayRead = ({ principal }: FastifyRequest): void => {
    requireLogin(principal);
    authorize(principal, 'read', null, null);
  };

  app.put(base, { bodyLimit: largestInfo }, async (request, reply) => {
    authorize(request.principal, 'deploy', null, null);
    const { name, number, started: startedAt } = validated(buildInfo, request.body);
    const info = JSON.stringify(request.body);
    await committed(content().session, (trx) => putBuild(trx, { name, number, startedAt, info }, request.principal.name));
    return reply.code(204).send();
  });

  app.get(base, async (request) => {
    mayRead(request);
    const builds = await listBuilds(content().session.db);
    return { uri: uriOf(), builds: builds.map(({ name, lastStarted }) => ({ uri: `/${encodeURIComponent(name)}`, lastStarted: lastStarted.toISOString() })) };
  });

  app.get(`${base}/:name`, async (request) => {
    mayRead(request);
    const { name } = validated(named, request.params, 'PARAMETER_INVALID');
    const runs = await listBuildRuns(content().session.db, name);
    if (runs.length === 0) throw notFound(name);
    return { uri: uriOf(name), buildsNumbers: runs.map(({ number, startedAt }) => ({ uri: `/${encodeURIComponent(number)}`, started: startedAt.toISOString() })) };
  });

  app.get(`${base}/:name/:number`, async (request, reply) => {
    mayRead(request);
    const { name, number } = validated(numbered, request.params, 'PARAMETER_INVALID');
    const { started: startedAt } = validated(findQuery, request.query, 'PARAMETER_INVALID');
    const build = await findBuild(content().session.db, name, number, startedAt ?? null);
    if (build === undefined) throw notFound(`${name} ${number}`);
    return reply.type('application/json; charset=utf-8').send(`{"uri":${JSON.stringify(uriOf(name, number))},"buildInfo":${build.info}}`);
  });

  app.delete(`${base}/:name`, async (request, reply) => {
    authorize(request.principal, 'delete', null, null);
    const { name } = validated(named, request.params, 'PARAMETER_INVALID');
    const query = validated(deleteQuery, request.query, 'PARAMETER_INVALID');
    if (query.artifacts) throw new BulkheadError('PARAMETER_INVALID', 'artifacts: builds are deleted without their artifacts here', { details: [{ field: 'artifacts', message: 'is not supported' }] });
    const numbers = query.buildNumbers?.split(',').filter((number) => number !== '') ?? [];
    if (!query.deleteAll && numbers.length === 0) throw new BulkheadError('PARAMETER_INVALID', 'buildNumbers or deleteAll=1 is needed', { details: [{ field: 'buildNumbers', message: 'is missing' }] });
    const gone = await committed(content().session, (trx) => deleteBuilds(trx, name, query.deleteAll ? null : numbers));
    if (gone.length === 0) throw notFound(name);
    return reply.type('text/plain; charset=utf-8').send(`The following builds has been deleted successfully: ${gone.map((number) => `${name}#${number}`).join(', ')}\n`);
  });
};

function notFound(name: string): BulkheadError {
  return new BulkheadError('BUILD_NOT_FOUND', `There is no build ${name}`);
}
