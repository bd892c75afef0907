import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createBLAKE2b } from 'hash-wasm';
import { BulkheadError, isBulkheadError } from '../../contract/index.ts';
import { findFile, type StoredFile } from '../../metadata/artifacts.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import type { Content } from '../../repositories/content.ts';
import { deploy } from '../../repositories/deploy.ts';
import { deploymentKey } from '../../repositories/members.ts';
import { readRepository } from '../../repositories/repository.ts';
import type { Principal } from '../../security/principal.ts';
import { distributionPath, parseDistribution, type Distribution } from './file-names.ts';
import { isProjectName, normalizeName } from './names.ts';
import type { UploadField, UploadForm } from './upload-form.ts';
import { isSameVersion } from './versions.ts';

export interface Upload {
  readonly principal: Principal;
  readonly repositoryKey: string;
  readonly replayKey: string | null;
}

interface Declared { readonly md5: string | null; readonly sha256: string | null; readonly blake2: string | null }

const done: RecordedAnswer = { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: null };
const types: Readonly<Record<string, Distribution['type']>> = { bdist_wheel: 'wheel', sdist: 'sdist' };

/**
 * Stores what a form holds (https://docs.pypi.org/api/upload/). The same file once more is taken for done; another one under a name that is taken is
 * refused, whoever sends it: what was published stays as it is.
 * @throws PACKAGE_INVALID, CHECKSUM_INVALID, CHECKSUM_MISMATCH, ARTIFACT_EXISTS, and what `deploy` throws; nothing is stored then
 */
export async function storeUpload(content: Content, upload: Upload, form: UploadForm): Promise<RecordedAnswer> {
  const path = distributionPath(distributionOf(form));
  const declared: Declared = {
    md5: digest(form, 'md5_digest', 32), sha256: digest(form, 'sha256_digest', 64), blake2: digest(form, 'blake2_256_digest', 64),
  };
  const seen = { sha256: declared.sha256 };
  const body = Readable.from(checked(form.content, declared, seen), { objectMode: false });
  try {
    return await deploy(content, {
      ...upload, path, declared: { md5: declared.md5, sha256: declared.sha256, sha1: null },
      packaging: { existing: 'refuse', answer: () => done },
    }, body);
  } catch (error) {
    if (!isBulkheadError(error, 'ARTIFACT_EXISTS')) throw error;
    if ((await present(content, upload.repositoryKey, path))?.blob.sha256 === seen.sha256) return done;
    throw error;
  }
}

/** What stands at a path of the repository that takes uploads for this one; whoever may deploy is told whether it is the same, without a right to read. */
async function present({ session }: Content, repositoryKey: string, path: string): Promise<StoredFile | undefined> {
  const repository = await readRepository(session.coherence.read, await deploymentKey(session.coherence.read, repositoryKey));
  return findFile(session.db, repository.id, path);
}

function distributionOf({ fields, fileName }: UploadForm): Distribution {
  const action = fields.get(':action');
  if (action !== 'file_upload') throw invalid(':action', action === undefined ? 'it is missing' : 'only file_upload is known');
  const name = fields.get('name') ?? '';
  if (!isProjectName(name)) throw invalid('name', `'${name.slice(0, 100)}' is no name of a project (PEP 508)`);
  const distribution = parseDistribution(fileName, normalizeName(name));
  if (distribution === null) throw invalid('content', `'${fileName.slice(0, 200)}' is no name of a wheel or source archive of ${name}`);
  const version = fields.get('version') ?? '';
  if (!isSameVersion(version, distribution.version)) throw invalid('version', `'${version.slice(0, 100)}' is not the version in the file's name, ${distribution.version}`);
  const filetype = fields.get('filetype');
  if (filetype !== undefined && types[filetype] !== distribution.type) throw invalid('filetype', `'${filetype.slice(0, 40)}' does not fit the file's name`);
  return distribution;
}

function digest({ fields }: UploadForm, field: UploadField, length: number): string | null {
  const value = fields.get(field)?.trim().toLowerCase() ?? '';
  if (value === '') return null;
  if (value.length !== length || !/^[0-9a-f]+$/.test(value)) throw new BulkheadError('CHECKSUM_INVALID', `${field} holds no well-formed checksum`, { details: { field } });
  return value;
}

/** Passes the bytes on, and holds them against the checksum that a deploy does not know of before it lets them end. */
async function* checked(content: AsyncIterable<Buffer>, { sha256, blake2 }: Declared, seen: { sha256: string | null }): AsyncGenerator<Buffer> {
  const hash = sha256 === null ? createHash('sha256') : null;
  const blake = blake2 === null ? null : (await createBLAKE2b(256)).init();
  for await (const chunk of content) {
    hash?.update(chunk);
    blake?.update(chunk);
    yield chunk;
  }
  if (hash !== null) seen.sha256 = hash.digest('hex');
  const actual = blake?.digest('hex');
  if (blake2 !== null && actual !== blake2) {
    throw new BulkheadError('CHECKSUM_MISMATCH', `The declared blake2_256 is ${blake2}, the bytes have ${actual ?? ''}`,
      { details: { algorithm: 'blake2_256', declared: blake2, actual } });
  }
}

function invalid(field: string, reason: string): BulkheadError {
  return new BulkheadError('PACKAGE_INVALID', `The upload is not valid: ${field}: ${reason}`, { details: { field, reason } });
}
