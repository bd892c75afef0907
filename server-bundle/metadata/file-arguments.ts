import { auditRow, type NewAuditEntry } from './audit/audit-entries.ts';
import type { FileDeploy } from './deploy-file.ts';
import { pathLocks } from './path-locks.ts';

/** The record that goes into the same commit. `before` and `after` are the parts of the answer's body around the time of creation. */
export interface FileRecord {
  readonly key: string;
  readonly incarnation: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly before: string;
  readonly after: string;
  readonly audit: NewAuditEntry | null;
}

/** What the database's `deploy_file` takes, by the names of its parameters; numbers beyond 2^53 as text. */
export interface FileArguments {
  readonly locks: readonly string[];
  readonly alone: readonly boolean[];
  readonly of_repository: number;
  readonly of_key: string;
  readonly of_generation: number;
  readonly file_path: string;
  readonly above: readonly string[];
  readonly found_blob: number | null;
  readonly new_sha256: string | null;
  readonly new_generation: string | null;
  readonly new_size: number | null;
  readonly new_sha1: string | null;
  readonly new_md5: string | null;
  readonly media_type: string;
  readonly author: string;
  readonly declared_md5: string | null;
  readonly declared_sha1: string | null;
  readonly declared_sha256: string | null;
  readonly file_facts: unknown;
  readonly record_id: string;
  readonly record_incarnation: string;
  readonly record_status: number;
  readonly record_headers: Readonly<Record<string, string>>;
  readonly body_before: string;
  readonly body_after: string;
  readonly audit: ReturnType<typeof auditRow> | null;
}

export function fileArguments({ repository, artifact, blob }: FileDeploy, record: FileRecord): FileArguments {
  const { path, mimeType, by, original, facts } = artifact;
  const segments = path.split('/');
  const locks = pathLocks([{ repositoryId: repository.id, path }]);
  const fresh = 'id' in blob ? null : blob;
  return {
    locks: locks.map(({ key }) => key.toString()), alone: locks.map(({ alone }) => alone),
    of_repository: repository.id, of_key: repository.key, of_generation: repository.generation, file_path: path,
    above: segments.slice(0, -1).map((_, count) => segments.slice(0, count + 1).join('/')),
    found_blob: 'id' in blob ? blob.id : null,
    new_sha256: fresh?.sha256 ?? null, new_generation: fresh?.generation ?? null, new_size: fresh?.size ?? null, new_sha1: fresh?.sha1 ?? null, new_md5: fresh?.md5 ?? null,
    media_type: mimeType, author: by, declared_md5: original.md5, declared_sha1: original.sha1, declared_sha256: original.sha256, file_facts: facts ?? null,
    record_id: record.key, record_incarnation: record.incarnation, record_status: record.status, record_headers: record.headers,
    body_before: record.before, body_after: record.after, audit: record.audit === null ? null : auditRow(record.audit),
  };
}
