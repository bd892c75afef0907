import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../contract/index.ts';
import type { NodeContext } from '../../node/context.ts';
import { transfer } from '../../repositories/transfer.ts';
import { parseArtifactUrl, parseDecodedPath } from '../artifact-path.ts';
import { contentOf } from '../content/content-of.ts';
import { sendRecorded } from '../content/request-body.ts';
import { validated } from '../validated.ts';

const query = z.object({
  to: z.string().min(1),
  dry: z.enum(['', '0', '1', 'true', 'false']).default('0').transform((value) => value !== '0' && value !== 'false'),
});

/** `POST /api/copy|move/{repository}/{path}?to=/{repository}[/{path}]`. */
export function registerCopyMoveRoutes(app: FastifyInstance, context: NodeContext): void {
  const content = contentOf(context);
  for (const operation of ['copy', 'move'] as const) {
    for (const url of [`/artifactory/api/${operation}/:repository`, `/artifactory/api/${operation}/:repository/*`]) app.post(url, async (request, reply) => {
      const from = parseArtifactUrl(request.raw.url ?? '', `/artifactory/api/${operation}/`);
      if (from.path === '') throw new BulkheadError('PATH_INVALID', 'A path inside the repository is needed');
      const { to, dry } = validated(query, request.query, 'PARAMETER_INVALID');
      const answer = await transfer(content(), {
        principal: request.principal, operation, from, to: parseDecodedPath(to), dryRun: dry, replayKey: request.replayKey,
      });
      return sendRecorded(reply, answer);
    });
  }
}
