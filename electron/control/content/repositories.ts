import type { RepositoryClass, RepositoryEffect, RepositoryList, RepositorySummary, RepositoryUsage } from '../../contract/index.ts';
import { BulkheadError, errorCodes } from '../../../server-bundle/contract/index.ts';
import type { CountedRepository, ListedRepository, NodeApi } from '../node-api/index.ts';

/** Every repository with what is in it, as far as the cluster counts that. */
export async function listRepositories(node: NodeApi, signal: AbortSignal): Promise<RepositoryList> {
  const [listed, counted] = await Promise.all([node.content.repositories(signal), known(node.content.usage(signal))]);
  const usage = new Map((counted ?? []).map((each) => [each.repoKey, each]));
  // one that is newer than the last count is not empty, it is not counted
  if (listed.some(({ key }) => !usage.has(key))) await known(node.content.calculateUsage(signal));
  return {
    usageKnown: counted !== null,
    repositories: listed.map((each) => summary(each, usage.get(each.key) ?? null)),
  };
}

/** What would be lost with a repository, and who would notice. Throws REPOSITORY_NOT_FOUND. */
export async function removalEffect(node: NodeApi, key: string, signal: AbortSignal): Promise<RepositoryEffect> {
  const { repositories } = await listRepositories(node, signal);
  const present = repositories.find((each) => each.key === key);
  if (present === undefined) throw new BulkheadError('REPOSITORY_NOT_FOUND', `There is no repository ${key}`);
  const virtuals = await Promise.all(repositories.filter(({ rclass }) => rclass === 'virtual').map(async (each) => ({ key: each.key, settings: await node.content.configuration(each.key, signal) })));
  return {
    key, rclass: present.rclass,
    usage: present.rclass === 'virtual' ? null : await lost(node, present, signal),
    memberOf: virtuals.filter(({ settings }) => namesOf(settings['repositories']).includes(key)).map((each) => each.key),
    deployTargetOf: virtuals.filter(({ settings }) => settings['defaultDeploymentRepo'] === key).map((each) => each.key),
    permissions: (await known(node.access.permissions(signal)))?.filter(({ repo }) => repo.repositories.includes(key)).map(({ name }) => name) ?? null,
    clients: await lateClients(node, key, signal),
  };
}

/** Entries of the audit log that are looked at. */
const entriesLookedAt = 500;

/** Who has used it lately, as far as the audit log tells: changes always, reads when the cluster writes them down. Null at a node without one. */
async function lateClients(node: NodeApi, repository: string, signal: AbortSignal): Promise<RepositoryEffect['clients']> {
  const page = await known(node.access.audit({ repository, result: 'OK', limit: String(entriesLookedAt) }, signal));
  if (page === null) return null;
  const latest = new Map(page.entries.toReversed().map(({ user, address, at }) => [`${user} ${address}`, { user, address, lastSeen: at }]));
  return [...latest.values()].toSorted((a, b) => Date.parse(b.lastSeen) - Date.parse(a.lastSeen));
}

/** With more files than this the last count has to do: listing them all would keep the cluster busy. */
const mostListed = 100_000;

/** What is in it at this moment: before something is deleted, the count of an hour ago is not good enough. */
async function lost(node: NodeApi, { key, usage }: RepositorySummary, signal: AbortSignal): Promise<RepositoryUsage | null> {
  if (usage !== null && usage.files > mostListed) return usage;
  const found = await known(node.content.countBelow(key, '', signal));
  return found === null ? usage : { ...found, folders: usage?.folders ?? 0 };
}

function summary({ key, type, packageType, description, url }: ListedRepository, count: Omit<CountedRepository, 'repoKey'> | null): RepositorySummary {
  const rclass = classOf(type);
  return {
    key, rclass, packageType: packageType.toLowerCase(), description, url,
    usage: count === null || rclass === 'virtual' ? null : { files: count.filesCount, folders: count.foldersCount, bytes: count.usedSpaceInBytes },
  };
}

/** What Artifactory calls federated, a distribution or a release bundle holds files of its own, as a local one does. */
function classOf(type: string): RepositoryClass {
  const word = type.toLowerCase();
  return word === 'remote' || word === 'virtual' ? word : 'local';
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** Null where a node of an older version has no such call, or has nothing to say yet. */
async function known<T>(asking: Promise<T>): Promise<T | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof BulkheadError && errorCodes[error.code].status === 404) return null;
    throw error;
  }
}
