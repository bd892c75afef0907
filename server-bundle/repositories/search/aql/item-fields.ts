import type { StoredProperties } from '../../../metadata/properties.ts';
import type { Found } from '../search.ts';
import { notUnderstood } from './parse-query.ts';

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

/** @param include as written; null: the usual fields @throws PARAMETER_INVALID */
export function shownFields(include: readonly string[] | null): { readonly fields: readonly string[]; readonly properties: boolean } {
  if (include === null) return { fields: usual, properties: false };
  const names = include.map((name) => name.replace(/^item\./, ''));
  const isProperty = (name: string): boolean => /^(?:property(?:\.\*|\.key|\.value)?|@.+)$/.test(name);
  const fields = names.flatMap((name) => (name === '*' ? Object.keys(itemFields) : isProperty(name) ? [] : [name]));
  const unknown = fields.find((name) => !Object.hasOwn(itemFields, name));
  if (unknown !== undefined) throw notUnderstood(`there is no field ${unknown.slice(0, 100)} to include${/^(?:stat|archive|artifact|module|build)/.test(unknown) ? ': downloads, archives and builds are not searched' : ''}`);
  // whoever names properties alone gets the usual fields with them
  return { fields: fields.length === 0 ? usual : [...new Set(fields)], properties: names.some(isProperty) };
}

export function itemJson(found: Found, fields: readonly string[], properties: StoredProperties | undefined): Record<string, unknown> {
  const shown = Object.fromEntries(fields.flatMap((name) => {
    const value = itemFields[name]?.(found);
    return value === undefined ? [] : [[name, value]];
  }));
  if (properties === undefined) return shown;
  return { ...shown, properties: [...properties].flatMap(([key, values]) => values.map((value) => ({ key, value }))) };
}

function segments(path: string): string[] {
  return path.replace(/\/$/, '').split('/');
}
