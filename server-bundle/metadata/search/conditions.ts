import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** Which rows of `artifact` a search is about. */
export type SearchCondition = RawBuilder<SqlBool>;

/** LIKE pattern of a text in which `*` stands for any characters and `?` for one. */
export function likePattern(wildcards: string): string {
  return wildcards.replace(/[%_\\]/g, '\\$&').replace(/\*/g, '%').replace(/\?/g, '_');
}

/** As the database lowers a text of collation "C": ASCII letters only. */
function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Files by their name, without regard to case. @param wildcards with `*` and `?` */
export function byFileName(wildcards: string): SearchCondition {
  return sql`artifact.blob_id is not null and lower(split_part(artifact.path, '/', -1)) like ${likePattern(lowered(wildcards))}`;
}

export function byChecksum(algorithm: 'md5' | 'sha1' | 'sha256', digest: string): SearchCondition {
  return sql`artifact.blob_id in (select id from blob where ${sql.ref(`blob.${algorithm}`)} = ${digest} and tombstoned_at is null)`;
}

/** Items that have each of the properties. @param wanted names with a value, in which `*` and `?` may stand; null: any value */
export function byProperties(wanted: ReadonlyMap<string, string | null>): SearchCondition {
  const each = [...wanted].map(([name, value]) => {
    const valued = value === null ? sql`true` : /[*?]/.test(value) ? sql`value like ${likePattern(value)}` : sql`value = ${value}`;
    return sql`(artifact.repository_id, artifact.path) in (select repository_id, path from artifact_property where name = ${name} and ${valued})`;
  });
  return sql`${sql.join(each, sql` and `)}`;
}

/** Files whose path matches a regular expression. @param prefix literal begin of all such paths, may be empty */
export function byPath(prefix: string, expression: string): SearchCondition {
  // every character that a path may hold comes before U+10FFFF
  const range = prefix === '' ? sql`true` : sql`artifact.path >= ${prefix} and artifact.path < ${`${prefix}\u{10ffff}`}`;
  return sql`artifact.blob_id is not null and ${range} and artifact.path ~ ${expression}`;
}

/** Files that were created, or last modified, in a span of time. @param until null: now */
export function byTime(columns: readonly ('created_at' | 'modified_at')[], from: Date, until: Date | null): SearchCondition {
  const each = columns.map((column) => {
    const stamp = sql.ref(`artifact.${column}`);
    return until === null ? sql`${stamp} >= ${from}` : sql`(${stamp} >= ${from} and ${stamp} <= ${until})`;
  });
  return sql`artifact.blob_id is not null and (${sql.join(each, sql` or `)})`;
}

/** Both. */
export function both(first: SearchCondition, second: SearchCondition): SearchCondition {
  return sql`(${first}) and (${second})`;
}
