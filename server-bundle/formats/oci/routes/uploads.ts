import type { FastifyReply } from 'fastify';
import { bodyOf, receiving, sendRecorded } from '../../../http/content/request-body.ts';
import { mountBlob } from '../mount.ts';
import { parseDigest } from '../names.ts';
import { placeBlobContent } from '../place-content.ts';
import { registryRepository, requireDigest, type Scope } from '../registry.ts';
import { cancelUpload, finishUpload, startUpload, uploadChunk, uploadStatus, type ChunkRequest } from '../uploads.ts';
import type { Exchange } from './index.ts';
import { parameter } from './query.ts';

/** `/blobs/uploads/`: a new upload, a whole blob at once (`?digest=`), or a mount (`?mount=`). */
export async function answerUploads({ registry, request, reply }: Exchange, scope: Scope): Promise<FastifyReply> {
  const mount = parseDigest(parameter(request, 'mount') ?? '');
  const digest = parameter(request, 'digest');
  return receiving(request, reply, async () => {
    if (mount !== null) {
      const mounted = await mountBlob(registry, scope, mount, parameter(request, 'from') ?? null);
      if (mounted !== null) return sendRecorded(reply, mounted);
    } else if (digest !== undefined) {
      await registryRepository(registry, scope.repositoryKey);
      return sendRecorded(reply, await placeBlobContent(registry, scope, requireDigest(digest), bodyOf(request)));
    }
    return sendRecorded(reply, await startUpload(registry, scope));
  });
}

/** `/blobs/uploads/<id>` */
export async function answerUpload(exchange: Exchange, scope: Scope, uploadId: string): Promise<FastifyReply> {
  const { registry, request, reply } = exchange;
  const chunk = (): ChunkRequest => {
    const length = request.headers['content-length'];
    return { scope, uploadId, range: request.headers['content-range'], length: length === undefined ? null : Number(length), body: bodyOf(request) };
  };
  switch (request.method) {
    case 'PATCH': return receiving(request, reply, async () => sendRecorded(reply, await uploadChunk(registry, chunk())));
    case 'PUT':
      return receiving(request, reply, async () => sendRecorded(reply, await finishUpload(registry, chunk(), requireDigest(parameter(request, 'digest')))));
    case 'DELETE': return sendRecorded(reply, await cancelUpload(registry, scope, uploadId));
    default: return sendRecorded(reply, await uploadStatus(registry, scope, uploadId));
  }
}
