import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { validated } from '../../../http/validated.ts';
import { listNames } from '../discovery.ts';
import type { Registry } from '../registry.ts';

const query = z.object({ q: z.string().max(300).default(''), n: z.coerce.number().int().min(1).max(100).default(25), page: z.coerce.number().int().min(1).default(1) });

/**
 * `docker search HOST/TERM`: of Docker's first registry API the daemon still asks these two calls, of every registry (moby, `daemon/pkg/registry`). Names hold the term somewhere, without
 * regard to case, with the repository's key in front as everywhere below `/v2/`; nothing is told that the caller may not read.
 */
export function registerImageSearch(app: FastifyInstance, registry: () => Registry): void {
  app.get('/v1/_ping', { config: { access: 'public' } }, async (_request, reply) => reply.header('x-docker-registry-standalone', 'true').send({ standalone: true }));

  app.get('/v1/search', async (request) => {
    const { q, n, page } = validated(query, request.query, 'PARAMETER_INVALID');
    const term = q.toLowerCase();
    const found = (await listNames(registry(), request.principal, null)).filter((name) => name.toLowerCase().includes(term));
    const results = found.slice((page - 1) * n, page * n).map((name) => ({ name, description: '', star_count: 0, is_official: false, is_automated: false }));
    return { num_results: found.length, query: q, results, page, page_size: n, num_pages: Math.ceil(found.length / n) };
  });
}
