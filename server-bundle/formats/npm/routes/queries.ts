import { z } from 'zod';
import { BulkheadError } from '../../../contract/index.ts';
import { validated } from '../../../http/validated.ts';
import { authorize } from '../../../security/authorize.ts';
import { bulkAdvisories, treeAudit, signingKeys } from '../registry/audit.ts';
import { npmRepository } from '../registry/npm-repository.ts';
import { search } from '../registry/search.ts';
import type { Call, NpmRoute } from './call.ts';
import { jsonBody } from './json-body.ts';

const searchQuery = z.object({
  text: z.string().max(512).default(''),
  size: z.coerce.number().int().min(0).max(250).default(20),
  from: z.coerce.number().int().min(0).max(100_000).default(0),
});

/** A lock file of a large project, bytes. */
const maxAudit = 32 * 1024 * 1024;

/** What is asked of a registry as a whole. */
export const queryRoutes: readonly NpmRoute[] = [
  { method: 'GET', pattern: '', handle: about },
  { method: 'GET', pattern: '-/v1/search', handle: find },
  { method: 'GET', pattern: '-/all', handle: refuseAll },
  { method: 'POST', pattern: '-/npm/v1/security/advisories/bulk', handle: async ({ request, content, repositoryKey }) => bulkAdvisories(content, request.principal, repositoryKey, await jsonBody(request, maxAudit)) },
  { method: 'POST', pattern: '-/npm/v1/security/audits/quick', handle: async ({ request, content, repositoryKey }) => treeAudit(content, request.principal, repositoryKey, 'audits/quick', await jsonBody(request, maxAudit)) },
  { method: 'POST', pattern: '-/npm/v1/security/audits', handle: async ({ request, content, repositoryKey }) => treeAudit(content, request.principal, repositoryKey, 'audits', await jsonBody(request, maxAudit)) },
  { method: 'GET', pattern: '-/npm/v1/keys', handle: ({ request, content, repositoryKey }) => signingKeys(content, request.principal, repositoryKey) },
];

async function about({ request, content, repositoryKey }: Call): Promise<unknown> {
  authorize(request.principal, 'read', repositoryKey, null);
  const { key, description } = await npmRepository(content, repositoryKey);
  return { db_name: key, description };
}

async function find({ request, content, repositoryKey }: Call): Promise<unknown> {
  authorize(request.principal, 'read', repositoryKey, null);
  const found = await search(content, request.principal, repositoryKey, validated(searchQuery, request.query, 'PARAMETER_INVALID'));
  return { ...found, time: new Date().toISOString() };
}

async function refuseAll(): Promise<never> {
  throw new BulkheadError('ROUTE_NOT_FOUND', 'There is no list of all packages', { hint: 'Use /-/v1/search, which answers page by page.' });
}
