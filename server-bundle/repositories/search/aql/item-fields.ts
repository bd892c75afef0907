import type { DownloadStats } from '../../../metadata/downloads.ts';
import type { StoredProperties } from '../../../metadata/properties.ts';
import type { Found } from '../search.ts';
import { notUnderstood } from './parse-query.ts';
import { shownStats, statJson } from './stat-criteria.ts';

/** What may be shown of an item, in Artifactory's words. Undefined: folders have none. */
export const itemFields: Readonly<Record<string, (found: Found) => string | number | undefined>> = {
  repo: ({ repository }) => repository.key,
  path: ({ artifact }) => segments(artifact.path).slice(0, -1).join('/') || '.',
  name: ({ artifact }) => segments(artifact.path).at(-1) ?? '.',
  type: ({ artifact }) => (artifact.blob === null ? 'folder' : 'file'),
  size: ({ artifact }) => artifact.blob?.size ?? 0,
  depth: ({ artifact }) => segments(artifact.path).length,
  created: ({ artifact }) => artifact.createdAt.toISOString(),
  created_by: ({ artifact }) => artifact.createdBy,
  modified: ({ artifact }) => artifact.modifiedAt.toISOString(),
  modified_by: ({ artifact }) => artifact.modifiedBy,
  updated: ({ artifact }) => artifact.modifiedAt.toISOString(),
  actual_md5: ({ artifact }) => artifact.blob?.md5,
  actual_sha1: ({ artifact }) => artifact.blob?.sha1,
  sha256: ({ artifact }) => artifact.blob?.sha256,
  original_md5: ({ artifact }) => artifact.original.md5 ?? undefined,
  original_sha1: ({ artifact }) => artifact.original.sha1 ?? undefined,
};

const usual = ['repo', 'path', 'name', 'type', 'size', 'created', 'created_by', 'modified', 'modified_by', 'updated'];

export interface ShownFields {
  /** of the item itself */
  readonly fields: readonly string[];
  /** of its downloads */
  readonly stats: readonly string[];
  readonly properties: boolean;
}

/** @param include as written; null: the usual fields @throws PARAMETER_INVALID */
export function shownFields(include: readonly string[] | null): ShownFields {
  if (include === null) return { fields: usual, stats: [], properties: false };
  const names = include.map((name) => name.replace(/^item\./, ''));
  const isProperty = (name: string): boolean => /^(?:property(?:\.\*|\.key|\.value)?|@.+)$/.test(name);
  const stats = names.flatMap((name) => shownStats(name) ?? []);
  const fields = names.flatMap((name) => (name === '*' ? Object.keys(itemFields) : isProperty(name) || shownStats(name) !== undefined ? [] : [name]));
  const unknown = fields.find((name) => !Object.hasOwn(itemFields, name));
  if (unknown !== undefined) throw notUnderstood(`there is no field ${unknown.slice(0, 100)} to include${/^(?:archive|artifact|module|build)/.test(unknown) ? ': archives and builds are not searched' : ''}`);
  // whoever names properties or downloads alone gets the usual fields with them
  return { fields: fields.length === 0 ? usual : [...new Set(fields)], stats: [...new Set(stats)], properties: names.some(isProperty) };
}

export function itemJson(found: Found, shown: ShownFields, stats: DownloadStats | undefined, properties: StoredProperties | undefined): Record<string, unknown> {
  return {
    ...Object.fromEntries(shown.fields.flatMap((name) => {
      const value = itemFields[name]?.(found);
      return value === undefined ? [] : [[name, value]];
    })),
    ...(shown.stats.length === 0 ? {} : { stats: [statJson(stats, shown.stats)] }),
    ...(properties === undefined ? {} : { properties: [...properties].flatMap(([key, values]) => values.map((value) => ({ key, value }))) }),
  };
}

function segments(path: string): string[] {
  return path.replace(/\/$/, '').split('/');
}
