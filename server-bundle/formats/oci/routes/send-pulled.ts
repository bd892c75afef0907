import type { FastifyReply } from 'fastify';
import { sendResolved } from '../../../http/content/send-resolved.ts';
import type { Pulled } from '../pull.ts';
import type { Exchange } from './index.ts';

/** Answers GET and HEAD of a blob or manifest, with ranges and conditions for what is here already. */
export async function sendPulled({ registry, request, reply }: Exchange, { found, mediaType, digest }: Pulled): Promise<FastifyReply> {
  void reply.header('docker-content-digest', digest);
  const typed = found.kind === 'file' && mediaType !== undefined && mediaType !== found.file.mimeType ? { ...found, file: { ...found.file, mimeType: mediaType } } : found;
  return sendResolved(request, reply, registry.content, typed, digest, mediaType);
}
