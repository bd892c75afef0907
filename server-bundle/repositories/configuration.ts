import { z } from 'zod';
import { BulkheadError } from '../contract/index.ts';
import { findFormat, type Format } from '../formats/index.ts';
import type { NewRepository, StoredRepository } from '../metadata/repositories.ts';
import { withFormat, type Repository } from './repository.ts';

/** Keys that stand for something else in addresses. */
const reserved = new Set(['api', 'v2', 'ui', 'list', 'webapp', 'access', 'auto-trashcan']);

/** @throws REPOSITORY_KEY_INVALID */
export function requireRepositoryKey(key: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/.test(key) || reserved.has(key.toLowerCase())) {
    throw new BulkheadError('REPOSITORY_KEY_INVALID', `'${key.slice(0, 80)}' cannot be a repository key`);
  }
}

/** Fields that every repository has, named as Artifactory names them. What Bulkhead does not know is left out, as Artifactory does. */
const common = z.object({
  key: z.string().optional(),
  rclass: z.literal('local').default('local'),
  packageType: z.string().default('generic'),
  description: z.string().max(4000).default(''),
  notes: z.string().max(4000).default(''),
  repoLayoutRef: z.string().max(100).optional(),
});

/** A new repository, from Artifactory's JSON. @throws BODY_INVALID, REPOSITORY_KEY_INVALID */
export function newRepository(key: string, json: unknown): NewRepository {
  requireRepositoryKey(key);
  const fields = parsed(common, json);
  requireSameKey(key, fields.key);
  const format = findFormat(fields.packageType);
  if (format === undefined) throw invalid('packageType', `'${fields.packageType}' is not a package type of this version`);
  return {
    key, rclass: fields.rclass, packageType: format.packageType, layout: fields.repoLayoutRef ?? format.layout,
    description: fields.description, config: { ...formatSettings(format, json), notes: fields.notes },
  };
}

/** The repository with the fields of Artifactory's JSON laid over it. @throws BODY_INVALID for what cannot be changed */
export function changedRepository(present: Repository, json: unknown): StoredRepository {
  const given = z.record(z.string(), z.unknown()).safeParse(json);
  if (!given.success) throw invalid('', 'a JSON object is needed');
  const fields = parsed(common, { ...repositoryJson(present), ...given.data });
  requireSameKey(present.key, fields.key);
  if (fields.packageType.toLowerCase() !== present.packageType) throw invalid('packageType', 'the package type cannot be changed');
  return {
    ...present, layout: fields.repoLayoutRef ?? present.layout, description: fields.description,
    config: { ...formatSettings(present.format, { ...present.config, ...given.data }), notes: fields.notes },
  };
}

/** A repository in Artifactory's JSON. */
export function repositoryJson(stored: StoredRepository): Record<string, unknown> {
  const repository = withFormat(stored);
  const { key, rclass, packageType, description, layout, config, format } = repository;
  return {
    key, rclass, packageType, description, notes: typeof config['notes'] === 'string' ? config['notes'] : '', repoLayoutRef: layout,
    ...formatSettings(format, config), checksumPolicyType: 'client-checksums',
  };
}

function formatSettings(format: Format, json: unknown): Record<string, unknown> {
  return parsed(format.settings, json);
}

function parsed<S extends z.ZodType>(schema: S, json: unknown): z.output<S> {
  const result = schema.safeParse(json ?? {});
  if (result.success) return result.data;
  const problem = result.error.issues[0];
  throw invalid(problem?.path.map(String).join('.') ?? '', problem?.message ?? 'not valid');
}

function requireSameKey(key: string, given: string | undefined): void {
  if (given !== undefined && given !== key) throw invalid('key', `the address says '${key}'`);
}

function invalid(field: string, message: string): BulkheadError {
  return new BulkheadError('BODY_INVALID', `${field === '' ? 'The body' : field}: ${message}`, { details: [{ field, message }] });
}
