import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../contract/index.ts';
import { byChecksum, byFileName, byPath, byProperties, byTime, type SearchCondition } from '../../metadata/search/conditions.ts';
import { lastDownloadedWithin, unusedSince } from '../../metadata/search/download-conditions.ts';
import { anyOf } from '../../metadata/search/item-conditions.ts';
import { requirePropertyName } from '../../repositories/properties/property-rules.ts';
import { byCoordinates } from '../../repositories/search/gavc.ts';
import { pathGlob } from '../../repositories/search/path-glob.ts';
import { downloadsOf, resultDetail, resultsJson } from '../../repositories/search/result-json.ts';
import { search, type Found, type SearchResult } from '../../repositories/search/search.ts';
import { artifactVersions } from '../../repositories/search/versions.ts';
import { contentOf } from '../content/content-of.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

const base = '/artifactory/api/search';
const text = z.string().min(1).max(1024).refine((given) => !given.includes('\u0000') && given.isWellFormed(), 'holds a character that is not allowed');
const repos = text.optional().transform((list) => (list === undefined ? null : list.split(',').map((key) => key.trim()).filter((key) => key !== '')));
const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${String(length)}}$`), `has ${String(length)} hexadecimal digits`).transform((digest) => digest.toLowerCase()).optional();

const artifactQuery = z.object({ name: text, repos });
const checksumQuery = z.object({ md5: hex(32), sha1: hex(40), sha256: hex(64), repos })
  .refine(({ md5, sha1, sha256 }) => [md5, sha1, sha256].filter((digest) => digest !== undefined).length === 1, 'name one of md5, sha1 and sha256');
const propertyQuery = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const patternQuery = z.object({ pattern: text.regex(/^[^:]+:.+$/s, 'is repository:path, with * and ? in the path') });
const gavcQuery = z.object({ g: text.optional(), a: text.optional(), v: text.optional(), c: text.optional(), repos })
  .refine(({ g, a }) => g !== undefined || a !== undefined, 'g or a is needed');
const versionsQuery = z.object({ g: text, a: text, v: text.optional(), repos, remote: z.string().optional() });
const moment = z.union([z.string().regex(/^\d{1,14}$/).transform(Number), z.iso.datetime({ offset: true })]).transform((given) => new Date(given));
const dateNames = ['created', 'lastModified', 'lastDownloaded'] as const;
const datesQuery = z.object({
  from: moment, to: moment.optional(), repos,
  dateFields: z.string().default('created').transform((list) => list.split(',')).pipe(z.array(z.enum(dateNames, `is one of ${dateNames.join(', ')}`))),
});
const usageQuery = z.object({ notUsedSince: moment, createdBefore: moment.optional(), repos });
const creationQuery = z.object({ from: moment, to: moment.optional(), repos });

/** Artifactory's searches over files and properties. Each tells only of what its caller may read. */
export const searchRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);
  const find = (request: FastifyRequest, keys: readonly string[] | null, condition: SearchCondition): Promise<SearchResult> => (
    search(content(), request.principal, keys, condition));
  const results = async (request: FastifyRequest, keys: readonly string[] | null, condition: SearchCondition): Promise<Record<string, unknown>> => {
    const { found, truncated } = await find(request, keys, condition);
    return shown(await resultsJson(content(), found, resultDetail(request.headers['x-result-detail'])), truncated);
  };

  app.get(`${base}/artifact`, async (request) => {
    const query = validated(artifactQuery, request.query, 'PARAMETER_INVALID');
    return results(request, query.repos, byFileName(/[*?]/.test(query.name) ? query.name : `${query.name}*`));
  });

  app.get(`${base}/checksum`, async (request) => {
    const { md5, sha1, sha256, repos: keys } = validated(checksumQuery, request.query, 'PARAMETER_INVALID');
    const [algorithm, digest] = sha256 !== undefined ? ['sha256', sha256] as const : sha1 !== undefined ? ['sha1', sha1] as const : ['md5', md5 ?? ''] as const;
    return results(request, keys, byChecksum(algorithm, digest));
  });

  app.get(`${base}/prop`, async (request) => {
    const { repos: list, ...given } = validated(propertyQuery, request.query, 'PARAMETER_INVALID');
    const wanted = new Map(Object.entries(given).map(([name, value]) => [name, wantedValue(name, value)]));
    if (wanted.size === 0) throw new BulkheadError('PARAMETER_INVALID', 'A property is needed: ?name=value', { details: [{ field: '', message: 'a property is needed' }] });
    for (const name of wanted.keys()) requirePropertyName(name);
    return results(request, list === undefined ? null : validated(repos, [list].flat().join(','), 'PARAMETER_INVALID'), byProperties(wanted));
  });

  app.get(`${base}/pattern`, async (request) => {
    const { pattern } = validated(patternQuery, request.query, 'PARAMETER_INVALID');
    const key = pattern.slice(0, pattern.indexOf(':'));
    const { prefix, expression } = pathGlob(pattern.slice(key.length + 1).replace(/^\//, ''));
    const { found, truncated } = await find(request, [key], byPath(prefix, expression));
    return { repoUri: content().addresses.repository(key), sourcePattern: pattern, files: found.map(({ artifact }) => artifact.path), ...(truncated ? { truncated } : {}) };
  });

  app.get(`${base}/gavc`, async (request) => {
    const { g, a, v, c, repos: keys } = validated(gavcQuery, request.query, 'PARAMETER_INVALID');
    return results(request, keys, byCoordinates({ group: g, artifact: a, version: v, classifier: c }));
  });

  app.get(`${base}/dates`, async (request) => {
    const { from, to, dateFields, repos: keys } = validated(datesQuery, request.query, 'PARAMETER_INVALID');
    const columns = dateFields.flatMap((field) => (field === 'created' ? ['created_at' as const] : field === 'lastModified' ? ['modified_at' as const] : []));
    const spans = [...(columns.length === 0 ? [] : [byTime(columns, from, to ?? null)]), ...(dateFields.includes('lastDownloaded') ? [lastDownloadedWithin(from, to ?? null)] : [])];
    await content().downloads.flush();
    const { found, truncated } = await find(request, keys, anyOf(spans));
    return shown(await dated(found, dateFields), truncated);
  });

  app.get(`${base}/usage`, async (request) => {
    const { notUsedSince, createdBefore, repos: keys } = validated(usageQuery, request.query, 'PARAMETER_INVALID');
    await content().downloads.flush();
    const { found, truncated } = await find(request, keys, unusedSince(notUsedSince, createdBefore ?? notUsedSince));
    return shown(await dated(found, ['lastDownloaded']), truncated);
  });

  app.get(`${base}/creation`, async (request) => {
    const { from, to, repos: keys } = validated(creationQuery, request.query, 'PARAMETER_INVALID');
    const { found, truncated } = await find(request, keys, byTime(['created_at'], from, to ?? null));
    return shown(await dated(found, ['created']), truncated);
  });

  app.get(`${base}/versions`, async (request) => {
    const found = await versions(request);
    return { results: found.map((version) => ({ version, integration: version.endsWith('-SNAPSHOT') })) };
  });

  app.get(`${base}/latestVersion`, async (request, reply) => {
    const found = await versions(request);
    const wantsSnapshot = (request.query as { v?: string }).v?.endsWith('-SNAPSHOT') === true;
    const latest = found.find((version) => wantsSnapshot || !version.endsWith('-SNAPSHOT'));
    if (latest === undefined) throw new BulkheadError('VERSIONS_NOT_FOUND');
    return reply.type('text/plain; charset=utf-8').send(latest);
  });

  async function versions(request: FastifyRequest): Promise<string[]> {
    const { g, a, v, repos: keys } = validated(versionsQuery, request.query, 'PARAMETER_INVALID');
    const found = await artifactVersions(content(), request.principal, { group: g, artifact: a, version: v, keys });
    if (found.length === 0) throw new BulkheadError('VERSIONS_NOT_FOUND');
    return found;
  }

  async function dated(found: readonly Found[], fields: readonly (typeof dateNames)[number][]): Promise<Record<string, unknown>[]> {
    const downloads = fields.includes('lastDownloaded') ? await downloadsOf(content(), found) : undefined;
    return found.map((each) => {
      const { repository, artifact } = each;
      const lastDownloaded = downloads?.get(each)?.lastAt.toISOString();
      return {
        uri: content().addresses.storage(repository.key, artifact.path),
        ...(fields.includes('created') ? { created: artifact.createdAt.toISOString() } : {}),
        ...(fields.includes('lastModified') ? { lastModified: artifact.modifiedAt.toISOString() } : {}),
        ...(lastDownloaded === undefined ? {} : { lastDownloaded }),
      };
    });
  }
};

/** Beside Artifactory's list: a sign that it is not all. */
function shown(results: readonly Record<string, unknown>[], truncated: boolean): Record<string, unknown> {
  return { results, ...(truncated ? { truncated } : {}) };
}

/** @returns null for any value */
function wantedValue(name: string, value: string | readonly string[]): string | null {
  if (typeof value !== 'string') throw new BulkheadError('PARAMETER_INVALID', `${name} is there twice`, { details: [{ field: name, message: 'is there twice' }] });
  if (value.includes('\u0000')) throw new BulkheadError('PARAMETER_INVALID', `${name} holds a character that is not allowed`);
  return value === '' || value === '*' ? null : value;
}
