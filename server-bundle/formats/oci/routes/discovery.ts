import type { FastifyReply } from 'fastify';
import { listNames, listReferrers, listTags } from '../discovery.ts';
import { ociIndex } from '../media-types.ts';
import { nextLink, pageOf, pageSize } from '../paging.ts';
import { located, requireDigest, type Scope } from '../registry.ts';
import type { Exchange } from './index.ts';
import { parameter } from './query.ts';

/** Entries of one answer, when the client asks for more or does not say. */
const maxPage = 10_000;

/** `/tags/list` */
export async function answerTags({ registry, request, reply }: Exchange, scope: Scope): Promise<FastifyReply> {
  const n = pageSize(parameter(request, 'n'));
  const { entries, next } = pageOf(await listTags(registry, scope), n, parameter(request, 'last'), maxPage);
  if (next !== null) void reply.header('link', nextLink(located(scope, 'tags/list'), n, next));
  // the name as the client knows it: what stands before it is part of the name below /v2/
  const name = scope.prefix.startsWith('/v2/') ? `${scope.repositoryKey}/${scope.name}` : scope.name;
  return reply.send({ name, tags: entries });
}

/** `/_catalog` */
export async function answerCatalog({ registry, request, reply }: Exchange, repositoryKey: string | null): Promise<FastifyReply> {
  const n = pageSize(parameter(request, 'n'));
  const { entries, next } = pageOf(await listNames(registry, request.principal, repositoryKey), n, parameter(request, 'last'), maxPage);
  const [path = ''] = (request.raw.url ?? '').split('?', 1);
  if (next !== null) void reply.header('link', nextLink(path, n, next));
  return reply.send({ repositories: entries });
}

/** `/referrers/<digest>`, with the filter `artifactType`. */
export async function answerReferrers({ registry, request, reply }: Exchange, scope: Scope, reference: string): Promise<FastifyReply> {
  const wanted = parameter(request, 'artifactType');
  const all = await listReferrers(registry, scope, requireDigest(reference));
  const manifests = wanted === undefined ? all : all.filter(({ artifactType }) => artifactType === wanted);
  if (wanted !== undefined) void reply.header('oci-filters-applied', 'artifactType');
  return reply.type(ociIndex).serializer(JSON.stringify).send({ schemaVersion: 2, mediaType: ociIndex, manifests });
}
