import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../contract/index.ts';
import { annotate, type Annotation } from '../../repositories/properties/annotate.ts';
import { propertiesOf } from '../../repositories/properties/property-rules.ts';
import { parsePropertyNames, parsePropertyString } from '../../repositories/properties/property-string.ts';
import { parseArtifactUrl } from '../artifact-path.ts';
import { contentOf } from '../content/content-of.ts';
import { sendRecorded } from '../content/request-body.ts';
import { flag } from '../query-flag.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

/** Both are always atomic here; Artifactory's switch for it is taken and changes nothing. */
const storageQuery = z.object({ properties: z.string().min(1), recursive: flag.default(true), atomic: flag.optional() });
const metadataQuery = z.object({ recursiveProperties: flag.default(true), atomicProperties: flag.optional() });

const value = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const metadataBody = z.object({ props: z.record(z.string(), z.union([z.null(), value, z.array(value)])) });

const storage = '/artifactory/api/storage/';
const metadata = '/artifactory/api/metadata/';

/** Properties of files and folders: `PUT`, `DELETE /api/storage/{repo}/{path}?properties=…`, `PATCH /api/metadata/{repo}/{path}`. */
export const propertyRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);

  app.put(`${storage}:repository/*`, async (request, reply) => {
    const { properties, recursive } = validated(storageQuery, request.query, 'PARAMETER_INVALID');
    const set = parsePropertyString(properties);
    return sendRecorded(reply, await annotate(content(), { ...itemOf(request, storage), recursive, set, remove: [] }));
  });

  app.delete(`${storage}:repository/*`, async (request, reply) => {
    const { properties, recursive } = validated(storageQuery, request.query, 'PARAMETER_INVALID');
    const remove = parsePropertyNames(properties);
    return sendRecorded(reply, await annotate(content(), { ...itemOf(request, storage), recursive, set: new Map(), remove }));
  });

  app.patch(`${metadata}:repository/*`, async (request, reply) => {
    const { recursiveProperties } = validated(metadataQuery, request.query, 'PARAMETER_INVALID');
    const props = Object.entries(validated(metadataBody, request.body).props);
    const set = propertiesOf(props.flatMap(([name, given]) => (given === null ? [] : [given].flat().map((each) => [name, each] as const))));
    const remove = parsedNames(props.flatMap(([name, given]) => (given === null || (Array.isArray(given) && given.length === 0) ? [name] : [])));
    return sendRecorded(reply, await annotate(content(), { ...itemOf(request, metadata), recursive: recursiveProperties, set, remove }));
  });
};

function itemOf(request: FastifyRequest, prefix: string): Pick<Annotation, 'principal' | 'repositoryKey' | 'path' | 'replayKey'> {
  const { repositoryKey, path } = parseArtifactUrl(request.raw.url ?? '', prefix);
  if (path === '') throw new BulkheadError('PATH_INVALID', 'A path inside the repository is needed: the repository itself has no properties');
  return { principal: request.principal, repositoryKey, path, replayKey: request.replayKey };
}

function parsedNames(names: readonly string[]): string[] {
  return [...propertiesOf(names.map((name) => [name, ''] as const)).keys()];
}
