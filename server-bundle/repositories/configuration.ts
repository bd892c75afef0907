import { z } from 'zod';
import { BulkheadError } from '../contract/index.ts';
import { findFormat, type Format } from '../formats/index.ts';
import type { NewRepository, StoredRepository } from '../metadata/repositories.ts';
import type { ClusterKeys } from '../security/rotating-secrets.ts';
import { addressCheck, requireAddress } from '../outbound/address-rules.ts';
import type { SealedText } from '../security/sealed-secret.ts';
import { remoteOf, remotePasswords, remoteSettings, sealPassword, type RemotePassword, type RemoteSettings, type StoredRemote } from './remote-settings.ts';
import { withFormat, type Repository, type RepositoryClass } from './repository.ts';
import { virtualSettings } from './virtual-settings.ts';

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
  rclass: z.enum(['local', 'remote', 'virtual']).default('local'),
  packageType: z.string().default('generic'),
  description: z.string().max(4000).default(''),
  notes: z.string().max(4000).default(''),
  repoLayoutRef: z.string().max(100).optional(),
  /** comma-separated Ant patterns */
  includesPattern: z.string().max(4000).default('**/*'),
  excludesPattern: z.string().max(4000).default(''),
});
const passwordFields = z.object({ password: z.string().max(10_000).nullish(), proxyPassword: z.string().max(10_000).nullish() });

/** A new repository, from Artifactory's JSON. @throws BODY_INVALID, REPOSITORY_KEY_INVALID */
export function newRepository(key: string, json: unknown, keys: Pick<ClusterKeys, 'current'>): NewRepository {
  requireRepositoryKey(key);
  if (json === undefined || json === null) throw invalid('', 'a JSON object is needed');
  const fields = parsed(common, json);
  requireSameKey(key, fields.key);
  requireClass(json);
  const format = findFormat(fields.packageType);
  if (format === undefined) throw invalid('packageType', `'${fields.packageType}' is not a package type of this version`);
  return {
    key, rclass: fields.rclass, packageType: format.packageType, layout: fields.repoLayoutRef ?? format.layout, description: fields.description,
    config: configOf(format, fields, json, key, undefined, keys),
  };
}

/** Left out it is a local one; what only another class has says that something else was meant. */
function requireClass(json: unknown): void {
  if (typeof json !== 'object' || json === null || 'rclass' in json) return;
  for (const [field, rclass] of [['url', 'remote'], ['repositories', 'virtual']] as const) {
    if (field in json) throw invalid('rclass', `with "${field}" the class has to be given: "rclass": "${rclass}"`);
  }
}

/** The repository with the fields of Artifactory's JSON laid over it. @throws BODY_INVALID for what cannot be changed */
export function changedRepository(present: Repository, json: unknown, keys: Pick<ClusterKeys, 'current'>): StoredRepository {
  const given = z.record(z.string(), z.unknown()).safeParse(json);
  if (!given.success) throw invalid('', 'a JSON object is needed');
  const all = { ...repositoryJson(present), ...given.data };
  const fields = parsed(common, all);
  requireSameKey(present.key, fields.key);
  if (fields.packageType.toLowerCase() !== present.packageType) throw invalid('packageType', 'the package type cannot be changed');
  if (fields.rclass !== present.rclass) throw invalid('rclass', 'the class cannot be changed');
  return {
    ...present, layout: fields.repoLayoutRef ?? present.layout, description: fields.description,
    config: configOf(present.format, fields, all, present.key, present, keys),
  };
}

/** A repository in Artifactory's JSON. A password is never part of it. */
export function repositoryJson(stored: StoredRepository): Record<string, unknown> {
  const repository = withFormat(stored);
  const { key, rclass, packageType, description, layout, config, format } = repository;
  const text = (name: string, standard: string): string => (typeof config[name] === 'string' ? config[name] : standard);
  return {
    key, rclass, packageType, description, notes: text('notes', ''), repoLayoutRef: layout,
    includesPattern: text('includesPattern', '**/*'), excludesPattern: text('excludesPattern', ''),
    ...classJson(repository), ...formatSettings(format, config),
  };
}

function classJson(repository: Repository): Record<string, unknown> {
  const { rclass, config } = repository;
  if (rclass === 'virtual') return parsed(virtualSettings, config);
  if (rclass !== 'remote') return { checksumPolicyType: 'client-checksums' };
  const { password, proxyPassword, ...shown } = remoteOf(repository);
  return { ...shown, passwordSet: password !== undefined, proxyPasswordSet: proxyPassword !== undefined };
}

function configOf(
  format: Format, fields: z.output<typeof common>, json: unknown, key: string, present: Repository | undefined, keys: Pick<ClusterKeys, 'current'>,
): Record<string, unknown> {
  const { notes, includesPattern, excludesPattern, rclass } = fields;
  const config = { ...formatSettings(format, json), notes, includesPattern, excludesPattern };
  if (rclass === 'virtual') return { ...config, ...parsed(virtualSettings, json) };
  if (rclass === 'local') return config;
  if (format.remote === undefined) throw invalid('rclass', `there are no remote repositories of the package type ${format.packageType}`);
  return { ...config, remote: remoteConfig(json, key, present, keys) };
}

function remoteConfig(json: unknown, key: string, present: Repository | undefined, keys: Pick<ClusterKeys, 'current'>): StoredRemote {
  const settings = parsed(remoteSettings, json);
  const before = present === undefined ? undefined : remoteOf(present);
  const isGood = addressCheck([]);
  if (!settings.allowPrivateAddresses) requireAddress(settings.url, isGood, (address) => invalid('url', `upstream must not be at ${address} unless allowPrivateAddresses is set`));
  const given = parsed(passwordFields, json);
  const sealed = remotePasswords.map((name) => [name, passwordAfter(name, given[name], settings, before, (plain) => sealPassword(keys, key, name, plain))] as const);
  return { ...settings, ...Object.fromEntries(sealed.filter(([, password]) => password !== undefined)) };
}

/** @param given undefined: the one that is kept stays; null or empty: it goes */
function passwordAfter(name: RemotePassword, given: string | null | undefined, settings: RemoteSettings, before: StoredRemote | undefined, seal: (plain: string) => SealedText): SealedText | undefined {
  if (given !== undefined) return given === null || given === '' ? undefined : seal(given);
  const address = name === 'password' ? 'url' : 'proxy';
  const origin = (remote: RemoteSettings): string | undefined => URL.parse(remote[address])?.origin;
  // a password that was meant for one server is not sent to another one by changing the address alone
  if (before?.[name] !== undefined && origin(before) !== origin(settings)) throw invalid(name, `give the password again, or null, when the address in ${address} goes to another server`);
  return before?.[name];
}

interface Configured { readonly rclass: string; readonly config: unknown }

/**
 * Whether a changed configuration connects to where only administrators may let it: to private addresses, or through another proxy. What a proxy is connected at, and what it
 * connects to, no address rule sees.
 */
export function reachesFurther(changed: Configured, present: Configured): boolean {
  if (changed.rclass !== ('remote' satisfies RepositoryClass)) return false;
  const [after, before] = [remoteIn(changed), remoteIn(present)];
  return (after.allowPrivateAddresses && !before.allowPrivateAddresses) || (after.proxy !== '' && after.proxy !== before.proxy);
}

function remoteIn({ config }: Configured): StoredRemote {
  return (config as { remote: StoredRemote }).remote;
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

/** What is wrong with a configuration. */
export function invalid(field: string, message: string): BulkheadError {
  return new BulkheadError('BODY_INVALID', `${field === '' ? 'The body' : field}: ${message}`, { details: [{ field, message }] });
}
