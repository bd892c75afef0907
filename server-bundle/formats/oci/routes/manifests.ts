import type { FastifyReply } from 'fastify';
import { BulkheadError } from '../../../contract/index.ts';
import { bodyOf, receiving, sendRecorded } from '../../../http/content/request-body.ts';
import { parseReference } from '../names.ts';
import { pullManifest } from '../pull.ts';
import { pushManifest } from '../push-manifest.ts';
import type { Scope } from '../registry.ts';
import { deleteManifest } from '../removal.ts';
import type { Exchange } from './index.ts';
import { sendPulled } from './send-pulled.ts';

/** `/manifests/<reference>` */
export async function answerManifest(exchange: Exchange, scope: Scope, asked: string): Promise<FastifyReply> {
  const { registry, request, reply } = exchange;
  const reference = parseReference(asked);
  switch (request.method) {
    case 'PUT':
      return receiving(request, reply, async () => {
        if (reference === null) throw new BulkheadError('MANIFEST_INVALID', 'The reference is neither a tag nor a digest', { details: { reference: asked.slice(0, 200) } });
        const bytes = await wholeBody(exchange, registry.limits.maxManifestBytes);
        return sendRecorded(reply, await pushManifest(registry, scope, reference, bytes, request.headers['content-type']));
      });
    case 'DELETE': return sendRecorded(reply, await deleteManifest(registry, scope, reference, asked));
    default: return sendPulled(exchange, await pullManifest(registry, scope, reference, asked));
  }
}

async function wholeBody({ request }: Exchange, limit: number): Promise<Buffer> {
  const tooLarge = (): BulkheadError => new BulkheadError('MANIFEST_TOO_LARGE', `The manifest has more than ${String(limit)} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request).iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
