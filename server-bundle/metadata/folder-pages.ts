import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { behindFolder } from './folders.ts';

/** What a list says of an artifact. */
export interface ListedArtifact {
  /** without a leading slash; ends in "/" for the marker of a folder */
  readonly path: string;
  readonly modifiedAt: Date;
  /** null for the marker of a folder, and where the list is of one level only and the artifact deeper */
  readonly blob: { readonly size: number; readonly sha1: string; readonly sha256: string } | null;
}

/** Where a page begins: behind this path, one of an earlier page; null: at the beginning. */
type After = string | null;

interface Row { path: string; modified_at: Date; size: number | null; sha1: string | null; sha256: string | null }

/** Some of what is below a folder at any depth, by path, its own marker included. */
export async function pageBelow(db: Reader, repositoryId: number, folder: string, after: After, limit: number): Promise<ListedArtifact[]> {
  const end = behindFolder(folder);
  const rows = await db.selectFrom('artifact').leftJoin('blob', 'blob.id', 'artifact.blob_id')
    .select(['path', 'modified_at', 'size', 'sha1', 'sha256'])
    .where('repository_id', '=', repositoryId)
    .$if(after === null, (query) => query.where('path', '>=', folder))
    .$if(after !== null, (query) => query.where('path', '>', after ?? ''))
    .$if(end !== null, (query) => query.where('path', '<', end ?? ''))
    .orderBy('path').limit(limit).execute();
  return rows.map(listedArtifact);
}

/**
 * Some of what is directly in a folder, by path: a file as it is, and of a folder in it its marker, or the first item below it. Jumps over
 * everything else in the primary key, so that its cost grows with what it returns and not with what is below.
 */
export async function pageOfChildren(db: Reader, repositoryId: number, folder: string, after: After, limit: number): Promise<ListedArtifact[]> {
  const end = behindFolder(folder);
  const within = end === null ? sql`repository_id = ${repositoryId}` : sql`repository_id = ${repositoryId} and path < ${end}`;
  const item = sql`select path, modified_at, blob_id from artifact`;
  const first = after === null ? folder : behindChild(folder, after);
  const rest = sql`substr(child.path, length(${folder}::text) + 1)`;
  // "0" follows "/", and chr(1) comes before everything that a path may hold
  const following = sql`case when position('/' in ${rest}) > 0 then ${folder}::text || left(${rest}, position('/' in ${rest}) - 1) || '0' else child.path || chr(1) end`;
  const { rows } = await sql<Row>`
    with recursive child as (
      (${item} where ${within} and path >= ${first} order by path limit 1)
      union all
      select later.* from child cross join lateral (${item} where ${within} and path >= ${following} order by path limit 1) as later
    ), page as (select path, modified_at, case when position('/' in ${rest}) = 0 then blob_id end as blob_id from child limit ${limit})
    select page.path, page.modified_at, blob.size, blob.sha1, blob.sha256 from page left join blob on blob.id = page.blob_id order by page.path`.execute(db);
  return rows.map(listedArtifact);
}

function listedArtifact({ path, modified_at, size, sha1, sha256 }: Row): ListedArtifact {
  return { path, modifiedAt: modified_at, blob: size !== null && sha1 !== null && sha256 !== null ? { size, sha1, sha256 } : null };
}

/** The smallest path behind the child that a path belongs to; the same as in the statement above. */
function behindChild(folder: string, path: string): string {
  const slash = path.indexOf('/', folder.length);
  return slash === -1 ? `${path}\u0001` : `${path.slice(0, slash)}0`;
}
