import type { FastifyReply } from 'fastify';
import { BulkheadError } from '../../../contract/index.ts';
import { sendContent } from '../../../http/content/send-content.ts';
import type { Pulled } from '../pull.ts';
import type { Exchange } from './index.ts';

/** Answers GET and HEAD of a blob or manifest, with ranges and conditions. */
export async function sendPulled({ request, reply }: Exchange, { source, mediaType, digest }: Pulled): Promise<FastifyReply> {
  const { file, bytes } = source;
  void reply.header('docker-content-digest', digest);
  return sendContent(request, reply, {
    size: file.blob.size, mimeType: mediaType, fileName: digest, modifiedAt: file.modifiedAt, checksums: file.blob, bytes,
    open: async (range) => {
      if (source.bytes !== null) throw new BulkheadError('INTERNAL');
      return source.open(range);
    },
  });
}
