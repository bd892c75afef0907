import type { FastifyReply } from 'fastify';
import { sendRecorded } from '../../../http/content/request-body.ts';
import { headBlob, pullBlob } from '../pull.ts';
import { requireDigest, type Scope } from '../registry.ts';
import { deleteBlob } from '../removal.ts';
import type { Exchange } from './index.ts';
import { sendPulled } from './send-pulled.ts';

/** `/blobs/<digest>` */
export async function answerBlob(exchange: Exchange, scope: Scope, reference: string): Promise<FastifyReply> {
  const { registry, request, reply } = exchange;
  const digest = requireDigest(reference);
  switch (request.method) {
    case 'DELETE': return sendRecorded(reply, await deleteBlob(registry, scope, digest));
    case 'HEAD': return sendPulled(exchange, await headBlob(registry, scope, digest));
    default: return sendPulled(exchange, await pullBlob(registry, scope, digest));
  }
}
