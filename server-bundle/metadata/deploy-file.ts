import { sql, type Kysely, type Transaction } from 'kysely';
import type { BlobName, Digests } from '../filestore/ports.ts';
import { factsColumn, type NewArtifact } from './artifacts.ts';
import { auditedRequest } from './audit/audited-request.ts';
import { changeRecord, commitRecorded, newRecordKey, type Committed } from './commit-once.ts';
import { deployTogether, type FileOutcome, type FileResult } from './deploy-files.ts';
import { fileArguments, type FileArguments } from './file-arguments.ts';
import type { Database } from './schema.ts';

/** A file that comes to a path where nothing is, and the answer to whoever brings it. */
export interface FileDeploy {
  readonly repository: { readonly id: number; readonly key: string; readonly generation: number };
  readonly artifact: Omit<NewArtifact, 'repositoryId' | 'blobId'>;
  /** a live blob, or a published file that none has yet */
  readonly blob: { readonly id: number; readonly sha256: string } | (BlobName & Digests & { readonly size: number });
  /** The answer, when the file was created at this time; its body names the time once. */
  readonly answer: (createdAt: Date) => { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** Why nothing was written; `conflict`: what stands in the way. */
export type NotDeployed =
  | { readonly why: 'repository-gone' | 'repository-changed' | 'path-taken' | 'blob-moved' }
  | { readonly why: 'path-conflict'; readonly conflict: string };

/** Of the arguments as JSON: what is larger than most descriptions are (facts of a package, an answer) does not become part of a statement for many. */
const mostShared = 64 * 1024;
/** Stands for the time of creation until the database has said it. In JSON, no text of anybody else can hold this member. */
const unknown = new Date(0);
const createdMember = `"created": "${unknown.toISOString()}"`;

/**
 * Commits a file, its blob's row, the recorded answer and the audit entry in one transaction, as `commitOnce` does: together with others that come at the
 * same time, or alone, with one statement between its begin and its commit.
 * @param refuse makes an error of what stood in the way
 * @throws what `refuse` makes, and what `commitOnce` throws
 */
export async function commitFile(
  db: Kysely<Database>, incarnation: string, key: string | null, file: FileDeploy, refuse: (reason: NotDeployed) => Error,
): Promise<Committed> {
  const { status, headers, body } = file.answer(unknown);
  const [start = '', end] = body.split(createdMember);
  if (end === undefined) throw new Error('an answer to a deploy has to say when the file was created');
  const before = `${start}"created": "`;
  const after = `"${end}`;
  const request = auditedRequest();
  const record = changeRecord(key ?? newRecordKey(), request);
  const given = fileArguments(file, { key: record.key, incarnation, status, headers, before, after, audit: record.audit(status) });
  /** @throws what stood in the way */
  const answerTo = ({ outcome, detail }: FileOutcome): Committed['answer'] | 'done-before' => {
    switch (outcome) {
      case 'done': return { status, headers, body: `${before}${detail ?? ''}${after}` };
      case 'done-before': return outcome;
      case 'path-conflict': throw refuse({ why: outcome, conflict: detail ?? '' });
      default: throw refuse({ why: outcome });
    }
  };

  const text = JSON.stringify(given);
  const together: FileResult = text.length > mostShared ? { how: 'alone' } : await deployTogether(db, { sha256: file.blob.sha256, given, text, request });
  if (together.how === 'settled') return together.committed;
  if (together.how === 'said') {
    const answer = answerTo(together.said);
    if (answer !== 'done-before') return { answer, madeBy: 'us' };
  }
  return commitRecorded(db, incarnation, record.key, async (trx) => answerTo(await deployAlone(trx, given)));
}

async function deployAlone(trx: Transaction<Database>, given: FileArguments): Promise<FileOutcome> {
  const { rows: [row] } = await sql<FileOutcome>`
    select outcome, detail from deploy_file(
      ${given.locks}::bigint[], ${given.alone}::boolean[],
      ${given.of_repository}::bigint, ${given.of_key}::text, ${given.of_generation}::bigint, ${given.file_path}::text, ${given.above}::text[],
      ${given.found_blob}::bigint, ${given.new_sha256}::text, ${given.new_generation}::text, ${given.new_size}::bigint, ${given.new_sha1}::text, ${given.new_md5}::text,
      ${given.media_type}::text, ${given.author}::text, ${given.declared_md5}::text, ${given.declared_sha1}::text, ${given.declared_sha256}::text, ${factsColumn(given.file_facts)}::jsonb,
      ${given.record_id}::text, ${given.record_incarnation}::uuid, ${given.record_status}::integer, ${JSON.stringify(given.record_headers)}::jsonb,
      ${given.body_before}::text, ${given.body_after}::text, ${given.audit === null ? null : JSON.stringify(given.audit)}::jsonb)`.execute(trx);
  if (row === undefined) throw new Error('the database has said nothing of a deploy');
  return row;
}
