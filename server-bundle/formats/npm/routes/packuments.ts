import type { FastifyReply } from 'fastify';
import { evaluatePreconditions } from '../../../http/content/preconditions.ts';
import { BulkheadError } from '../../../contract/index.ts';
import type { ComputedContent } from '../../format.ts';
import { resolve } from '../../../repositories/resolve.ts';
import { mimeTypes } from '../documents.ts';
import { isObject, type JsonObject } from '../manifest.ts';
import { packumentPath, type PackumentForm } from '../paths.ts';
import { npmRepository, packageNotFound, requirePackageName } from '../registry/npm-repository.ts';
import type { Call } from './call.ts';
import { etagOf, gzipped, prefersAbbreviated, takesGzip } from './encoded.ts';

/** Not worth to be compressed, bytes. */
const tiny = 860;

/** `GET /{package}` */
export async function getPackument(call: Call): Promise<FastifyReply> {
  const { request, reply } = call;
  const form: PackumentForm = prefersAbbreviated(request.headers.accept) ? 'abbreviated' : 'full';
  const { bytes, modifiedAt } = await packument(call, call.value('package'), form);
  const etag = etagOf(bytes);
  // no Last-Modified: a client would take the document for fresh as long as it was old before; and it changes when something goes away, too
  reply.headers({ etag: `W/${etag}`, vary: 'Accept, Accept-Encoding', 'cache-control': 'no-cache' });
  const { 'if-none-match': ifNoneMatch } = request.headers;
  if (ifNoneMatch !== undefined && evaluatePreconditions({ 'if-none-match': ifNoneMatch }, { etag, modifiedAt }) === 'not-modified') return reply.code(304).send();
  reply.type(mimeTypes[form]);
  const compressed = bytes.length > tiny && takesGzip(request.headers['accept-encoding']);
  const body = compressed ? await gzipped(bytes) : bytes;
  if (compressed) reply.header('content-encoding', 'gzip');
  return request.method === 'HEAD' ? reply.header('content-length', body.length).send() : reply.send(body);
}

/** A packument as the repository has it for this caller. @throws ARTIFACT_NOT_FOUND */
export async function packument({ request, reply, content, repositoryKey }: Call, name: string, form: PackumentForm): Promise<ComputedContent> {
  requirePackageName(name, false);
  const found = await resolve(content, request.principal, repositoryKey, packumentPath(name, form));
  if (found.repository.packageType !== 'npm') await npmRepository(content, repositoryKey);
  if (found.kind !== 'text') throw packageNotFound(name);
  if (found.stale) reply.header('warning', '111 - "Revalidation Failed"');
  return found.content;
}

export async function parsedPackument(call: Call, name: string, form: PackumentForm): Promise<JsonObject> {
  const document: unknown = JSON.parse((await packument(call, name, form)).bytes.toString('utf8'));
  if (!isObject(document)) throw new BulkheadError('INTERNAL', 'A packument is no object');
  return document;
}

/** `GET /{package}/{version or tag}`: the manifest of one version. */
export async function getVersion(call: Call): Promise<FastifyReply> {
  const name = call.value('package');
  const spec = call.value('version');
  const document = await parsedPackument(call, name, 'full');
  const versions = isObject(document['versions']) ? document['versions'] : {};
  const tags = isObject(document['dist-tags']) ? document['dist-tags'] : {};
  const tagged = Object.hasOwn(tags, spec) ? String(tags[spec]) : spec;
  if (!Object.hasOwn(versions, tagged)) throw new BulkheadError('ARTIFACT_NOT_FOUND', `There is no version or tag '${spec.slice(0, 200)}' of ${name}`);
  return call.reply.header('cache-control', 'no-cache').type('application/json').send(JSON.stringify(versions[tagged]));
}
