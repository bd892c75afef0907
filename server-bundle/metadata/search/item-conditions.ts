import { sql, type RawBuilder } from 'kysely';
import { both, byChecksum, byFileName, likePattern, type SearchCondition } from './conditions.ts';

/** What can be compared of an item. `path` is the folder it lies in, "." for the root; `name` the last part of its own path. */
export type ItemField = 'path' | 'name' | 'depth' | 'size' | 'created' | 'modified' | 'created_by' | 'modified_by' | 'actual_md5' | 'actual_sha1' | 'sha256';
export type Comparison = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'match' | 'nmatch';

/** In SQL; the right side of `match` and `nmatch` is what `wildOrPlain` makes of the value. */
export const operators: Readonly<Record<Comparison, RawBuilder<unknown>>> = {
  eq: sql`=`, ne: sql`is distinct from`, gt: sql`>`, gte: sql`>=`, lt: sql`<`, lte: sql`<=`, match: sql`like`, nmatch: sql`not like`,
};
const plain = sql`rtrim(artifact.path, '/')`;
const ofBlob = (column: string): RawBuilder<unknown> => sql`(select ${sql.ref(`blob.${column}`)} from blob where blob.id = artifact.blob_id)`;
const fields: Readonly<Record<ItemField, RawBuilder<unknown>>> = {
  path: sql`case when position('/' in ${plain}) = 0 then '.' else left(${plain}, length(${plain}) - length(split_part(${plain}, '/', -1)) - 1) end`,
  name: sql`split_part(${plain}, '/', -1)`,
  depth: sql`array_length(string_to_array(${plain}, '/'), 1)`,
  size: ofBlob('size'), actual_md5: ofBlob('md5'), actual_sha1: ofBlob('sha1'), sha256: ofBlob('sha256'),
  created: sql.ref('artifact.created_at'), modified: sql.ref('artifact.modified_at'),
  created_by: sql.ref('artifact.created_by'), modified_by: sql.ref('artifact.modified_by'),
};
const digests = { actual_md5: 'md5', actual_sha1: 'sha1', sha256: 'sha256' } as const;

/** @param value of `match` and `nmatch`: with `*` and `?` */
export function comparing(field: ItemField, comparison: Comparison, value: string | number | Date): SearchCondition {
  const exact = sql<boolean>`(${fields[field]}) ${operators[comparison]} ${typeof value === 'string' ? wildOrPlain(comparison, value) : value}`;
  if (typeof value !== 'string' || (comparison !== 'eq' && comparison !== 'match')) return exact;
  if (field === 'path') return both(beginsWith(comparison === 'eq' ? value : value.slice(0, firstWildcard(value))), exact);
  if (comparison === 'eq' && field in digests) return byChecksum(digests[field as keyof typeof digests], value.toLowerCase());
  return exact;
}

/** Files with this name, by the index of names; folders have none there. */
export function comparingFileName(comparison: 'eq' | 'match', value: string): SearchCondition {
  return both(byFileName(value), comparing('name', comparison, value));
}

/** A text as the right side of a comparison: of `match` and `nmatch` a pattern. */
export function wildOrPlain(comparison: Comparison, value: string): string {
  return comparison === 'match' || comparison === 'nmatch' ? likePattern(value) : value;
}

function firstWildcard(pattern: string): number {
  const at = pattern.search(/[*?]/);
  return at < 0 ? pattern.length : at;
}

/** Narrows the search to a part of the tree. The root is written ".", which no path begins with. */
function beginsWith(prefix: string): SearchCondition {
  return prefix === '' || prefix.startsWith('.') ? sql`true` : sql`artifact.path >= ${prefix} and artifact.path < ${`${prefix}\u{10ffff}`}`;
}

/** Files, or folders that were made explicitly or have properties. */
export function ofType(type: 'file' | 'folder' | 'any'): SearchCondition {
  if (type === 'any') return sql`true`;
  return type === 'file' ? sql`artifact.blob_id is not null` : sql`artifact.blob_id is null`;
}

export function inRepositories(ids: readonly number[]): SearchCondition {
  return sql`artifact.repository_id = any(${[...ids]}::bigint[])`;
}

/** Items with a property of which both hold; null: any. `ne` and `nmatch`: items that have none of which the opposite holds. */
export function comparingProperty(
  name: { readonly comparison: 'eq' | 'match'; readonly value: string } | null, value: { readonly comparison: Comparison; readonly value: string } | null,
): SearchCondition {
  const positive = ({ comparison, value: wanted }: { comparison: Comparison; value: string }, column: 'name' | 'value'): SearchCondition => {
    const operator = comparison === 'ne' ? operators.eq : comparison === 'nmatch' ? operators.match : operators[comparison];
    return sql`${sql.ref(column)} ${operator} ${wildOrPlain(comparison, wanted)}`;
  };
  const having = allOf([...(name === null ? [] : [positive(name, 'name')]), ...(value === null ? [] : [positive(value, 'value')])]);
  const within = sql<boolean>`(artifact.repository_id, artifact.path) in (select repository_id, path from artifact_property where ${having})`;
  return value?.comparison === 'ne' || value?.comparison === 'nmatch' ? sql`not (${within})` : within;
}

/** An empty list holds. */
export function allOf(conditions: readonly SearchCondition[]): SearchCondition {
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;
}

/** An empty list does not hold. */
export function anyOf(conditions: readonly SearchCondition[]): SearchCondition {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;
}
