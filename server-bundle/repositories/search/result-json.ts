import { downloadsAt, type DownloadStats } from '../../metadata/downloads.ts';
import { propertiesAt, type StoredProperties } from '../../metadata/properties.ts';
import type { Content } from '../content.ts';
import { fileJson } from '../item-json.ts';
import type { Found } from './search.ts';

/** `X-Result-Detail`: what results tell beyond their address. */
export interface ResultDetail {
  readonly info: boolean;
  readonly properties: boolean;
}

export function resultDetail(header: string | readonly string[] | undefined): ResultDetail {
  const words = new Set([header ?? []].flat().join(',').toLowerCase().split(',').map((word) => word.trim()));
  return { info: words.has('info'), properties: words.has('properties') };
}

/** Results in Artifactory's form. */
export async function resultsJson(content: Content, found: readonly Found[], detail: ResultDetail): Promise<Record<string, unknown>[]> {
  const properties = detail.properties ? await propertiesOf(content, found) : undefined;
  return found.map((each) => ({
    ...(detail.info ? infoJson(content, each) : { uri: content.addresses.storage(each.repository.key, each.artifact.path.replace(/\/$/, '')) }),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(properties.get(each) ?? []) }),
  }));
}

function infoJson({ addresses }: Content, { repository, artifact }: Found): Record<string, unknown> {
  const { blob, modifiedAt, modifiedBy } = artifact;
  const plain = artifact.path.replace(/\/$/, '');
  const lastModified = modifiedAt.toISOString();
  const changed = { lastModified, modifiedBy, lastUpdated: lastModified, uri: addresses.storage(repository.key, plain) };
  if (blob !== null) return { ...fileJson(addresses, repository.key, { ...artifact, blob }), ...changed };
  return { repo: repository.key, path: `/${plain}`, created: artifact.createdAt.toISOString(), createdBy: artifact.createdBy, ...changed };
}

/** By result. */
export async function propertiesOf(content: Content, found: readonly Found[]): Promise<Map<Found, StoredProperties>> {
  const result = new Map<Found, StoredProperties>();
  for (const [repositoryId, group] of Map.groupBy(found, (each) => each.repository.id)) {
    const properties = await propertiesAt(content.session.db, repositoryId, group.map((each) => each.artifact.path));
    for (const each of group) result.set(each, properties.get(each.artifact.path) ?? new Map());
  }
  return result;
}

/** By result; what was never downloaded is left out. */
export async function downloadsOf(content: Content, found: readonly Found[]): Promise<Map<Found, DownloadStats>> {
  const result = new Map<Found, DownloadStats>();
  for (const [repositoryId, group] of Map.groupBy(found, (each) => each.repository.id)) {
    const downloads = await downloadsAt(content.session.db, repositoryId, group.map((each) => each.artifact.path));
    for (const each of group) {
      const stats = downloads.get(each.artifact.path);
      if (stats !== undefined) result.set(each, stats);
    }
  }
  return result;
}
