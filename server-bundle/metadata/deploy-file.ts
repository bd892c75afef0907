import { sql, type Kysely } from 'kysely';
import type { BlobName, Digests } from '../filestore/ports.ts';
import { factsColumn, type NewArtifact } from './artifacts.ts';
import { auditRow } from './audit/audit-entries.ts';
import { commitRecorded, type Committed } from './commit-once.ts';
import { pathLocks } from './path-locks.ts';
import type { Database } from './schema.ts';

/** A file that comes to a path where nothing is, and the answer to whoever brings it. */
export interface FileDeploy {
  readonly repository: { readonly id: number; readonly key: string; readonly generation: number };
  readonly artifact: Omit<NewArtifact, 'repositoryId' | 'blobId'>;
  /** a live blob by its id, or a published file that none has yet */
  readonly blob: { readonly id: number } | (BlobName & Digests & { readonly size: number });
  /** The answer, when the file was created at this time; its body names the time once. */
  readonly answer: (createdAt: Date) => { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** Why nothing was written; `conflict`: what stands in the way. */
export type NotDeployed =
  | { readonly why: 'repository-gone' | 'repository-changed' | 'path-taken' | 'blob-moved' }
  | { readonly why: 'path-conflict'; readonly conflict: string };

/** Stands for the time of creation until the database has said it. In JSON, no text of anybody else can hold this member. */
const unknown = new Date(0);
const createdMember = `"created": "${unknown.toISOString()}"`;

/**
 * Commits a file, its blob's row, the recorded answer and the audit entry in one transaction, as `commitOnce` does, with one statement
 * between its begin and its commit.
 * @param refuse makes an error of what stood in the way
 * @throws what `refuse` makes, and what `commitOnce` throws
 */
export async function commitFile(
  db: Kysely<Database>, incarnation: string, key: string | null, file: FileDeploy, refuse: (reason: NotDeployed) => Error,
): Promise<Committed> {
  const { repository, artifact, blob } = file;
  const { path, mimeType, by, original, facts } = artifact;
  const segments = path.split('/');
  const above = segments.slice(0, -1).map((_, count) => segments.slice(0, count + 1).join('/'));
  const locks = pathLocks([{ repositoryId: repository.id, path }]);
  const { status, headers, body } = file.answer(unknown);
  const [before = '', after] = body.split(createdMember);
  if (after === undefined) throw new Error('an answer to a deploy has to say when the file was created');
  const fresh = 'id' in blob ? null : blob;
  return commitRecorded(db, incarnation, key, async (trx, record) => {
    const audit = record.audit(status);
    const { rows: [row] } = await sql<{ outcome: NotDeployed['why'] | 'done' | 'done-before'; detail: string | null }>`
      select outcome, detail from deploy_file(
        ${locks.map((lock) => lock.key.toString())}::bigint[], ${locks.map(({ alone }) => alone)}::boolean[],
        ${repository.id}::bigint, ${repository.key}::text, ${repository.generation}::bigint, ${path}::text, ${above}::text[],
        ${'id' in blob ? blob.id : null}::bigint, ${fresh?.sha256 ?? null}::text, ${fresh?.generation ?? null}::text, ${fresh?.size ?? null}::bigint,
        ${fresh?.sha1 ?? null}::text, ${fresh?.md5 ?? null}::text,
        ${mimeType}::text, ${by}::text, ${original.md5}::text, ${original.sha1}::text, ${original.sha256}::text, ${factsColumn(facts)}::jsonb,
        ${record.key}::text, ${incarnation}::uuid, ${status}::integer, ${JSON.stringify(headers)}::jsonb, ${`${before}"created": "`}::text, ${`"${after}`}::text,
        ${audit === null ? null : JSON.stringify(auditRow(audit))}::jsonb)`.execute(trx);
    if (row === undefined) throw new Error('the database has said nothing of a deploy');
    const { outcome, detail } = row;
    if (outcome === 'done-before') return 'done-before';
    if (outcome === 'path-conflict') throw refuse({ why: outcome, conflict: detail ?? '' });
    if (outcome !== 'done') throw refuse({ why: outcome });
    return { status, headers, body: `${before}"created": "${detail ?? ''}"${after}` };
  });
}
