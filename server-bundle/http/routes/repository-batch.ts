import { z } from 'zod';
import { BulkheadError, isBulkheadError } from '../../contract/index.ts';
import { findRepository, listRepositories, type StoredRepository } from '../../metadata/repositories.ts';
import { changeRepository, createRepository, removeRepository } from '../../repositories/administration.ts';
import { repositoryJson } from '../../repositories/configuration.ts';
import { repositoryNotFound, withFormat } from '../../repositories/repository.ts';
import { virtualOf } from '../../repositories/virtual-settings.ts';
import { requireAdmin } from '../../security/authorize.ts';
import { contentOf } from '../content/content-of.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

const url = '/artifactory/api/v2/repositories/batch';
const key = z.string().min(1).max(64);
const most = 200;
const distinct = (keys: readonly string[]): boolean => new Set(keys.map((each) => each.toLowerCase())).size === keys.length;
const configurations = z.array(z.looseObject({ key })).min(1).max(most).refine((list) => distinct(list.map((each) => each.key)), 'a key is there twice');
const keys = z.array(key).min(1).max(most).refine(distinct, 'a key is there twice');
const configurationsQuery = z.object({ repoType: z.string().optional(), packageType: z.string().optional() });

/** Many repositories in one call, and all configurations at once. For administrators. */
export const repositoryBatchRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);

  app.get('/artifactory/api/repositories/configurations', async (request) => {
    requireAdmin(request.principal);
    const { repoType, packageType } = validated(configurationsQuery, request.query, 'PARAMETER_INVALID');
    const wanted = (list: string | undefined, value: string): boolean => list === undefined || list === '' || list.toLowerCase().split(',').includes(value);
    const chosen = (await listRepositories(content().session.db)).filter((each) => wanted(repoType, each.rclass) && wanted(packageType, each.packageType));
    return Object.fromEntries(['local', 'remote', 'virtual'].map((rclass) => [rclass.toUpperCase(), chosen.filter((each) => each.rclass === rclass).map(repositoryJson)]));
  });

  app.put(url, async (request, reply) => {
    requireAdmin(request.principal);
    const wanted = behindMembers(validated(configurations, request.body), ({ repositories }) => (Array.isArray(repositories) ? repositories as unknown[] : []));
    const made: string[] = [];
    try {
      for (const each of wanted) {
        await createRepository(content(), request.principal, each.key, each);
        made.push(each.key);
      }
    } catch (error) {
      // all or none: those that were made a moment ago are empty
      for (const each of made.reverse()) await removeRepository(content(), request.principal, each).catch(() => undefined);
      throw named(error, wanted[made.length]?.key);
    }
    return reply.code(201).type('text/plain; charset=utf-8').send(`Successfully created ${String(made.length)} repositories\n`);
  });

  app.post(url, async (request, reply) => {
    requireAdmin(request.principal);
    const wanted = validated(configurations, request.body);
    await requireAll(wanted.map((each) => each.key));
    for (const each of wanted) {
      await changeRepository(content(), request.principal, each.key, each).catch((error: unknown) => { throw named(error, each.key); });
    }
    return reply.type('text/plain; charset=utf-8').send(`Successfully updated ${String(wanted.length)} repositories\n`);
  });

  app.delete(url, async (request, reply) => {
    requireAdmin(request.principal);
    const wanted = validated(keys, request.body);
    // what holds others goes before them
    const stored = behindMembers(await requireAll(wanted), (each) => virtualOf(withFormat(each)).repositories).reverse();
    for (const each of stored) {
      await removeRepository(content(), request.principal, each.key).catch((error: unknown) => { throw named(error, each.key); });
    }
    return reply.type('text/plain; charset=utf-8').send(`Successfully removed ${String(wanted.length)} repositories and all their content\n`);
  });

  async function requireAll(wanted: readonly string[]): Promise<StoredRepository[]> {
    const stored: StoredRepository[] = [];
    for (const each of wanted) {
      const found = await findRepository(content().session.db, each);
      if (found === undefined) throw repositoryNotFound(each);
      stored.push(found);
    }
    return stored;
  }
};

/** The same repositories, each behind those of the list that are members of it. */
function behindMembers<T extends { readonly key: string }>(list: readonly T[], membersOf: (repository: T) => readonly unknown[]): T[] {
  const byKey = new Map<unknown, T>(list.map((each) => [each.key, each]));
  const ordered = new Set<T>();
  const met = new Set<T>();
  const take = (each: T): void => {
    if (met.has(each)) return;
    met.add(each);
    for (const member of membersOf(each).map((key) => byKey.get(key))) if (member !== undefined) take(member);
    ordered.add(each);
  };
  for (const each of list) take(each);
  return [...ordered];
}

/** The same error with the repository that it is about. */
function named(error: unknown, repository: string | undefined): unknown {
  if (!(error instanceof BulkheadError) || repository === undefined || isBulkheadError(error, 'INTERNAL')) return error;
  return new BulkheadError(error.code, `${repository}: ${error.message}`, { details: { repository, cause: error.details }, cause: error });
}
