import { createHash, randomUUID, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { maxSliceBytes, type UploadedFile } from '../../contract/index.ts';
import type { Deployed, NodeApi } from '../node-api/index.ts';

export interface UploadTarget {
  readonly clusterId: string;
  readonly repository: string;
  readonly path: string;
  /** bytes that will be sent */
  readonly size: number;
  /** what somebody else puts there meanwhile is not replaced: ARTIFACT_EXISTS */
  readonly onlyNew?: boolean;
}

interface Upload {
  readonly target: UploadTarget;
  readonly body: PassThrough;
  readonly hash: Hash;
  readonly stopped: AbortController;
  /** what the node says in the end */
  readonly answer: Promise<Deployed>;
  received: number;
  /** one slice at a time: two of them at once would mix */
  busy: boolean;
  timer: NodeJS.Timeout;
}

/** Whoever sends nothing for so long has gone away, milliseconds. */
const idleMs = 60_000;
const limit = 32;

/**
 * Uploads under way: bytes come in slices and go on to one node in one request, at the pace at which the node takes them. No more than a slice
 * of each is in memory.
 */
export class Uploads {
  readonly #open = new Map<string, Upload>();

  /** @throws OVERLOADED when too many are under way */
  begin(target: UploadTarget, node: NodeApi): string {
    if (this.#open.size >= limit) throw new BulkheadError('OVERLOADED', `${limit} uploads are under way already`, { hint: 'Wait until some have ended.' });
    const body = new PassThrough({ highWaterMark: maxSliceBytes });
    body.on('error', () => undefined);
    const stopped = new AbortController();
    const answer = node.content.deploy(target.repository, target.path, body, { size: target.size, onlyNew: target.onlyNew ?? false }, stopped.signal);
    // told to whoever sends the next slice, or finishes
    answer.catch(() => undefined);
    const uploadId = randomUUID();
    this.#open.set(uploadId, { target, body, hash: createHash('sha256'), stopped, answer, received: 0, busy: false, timer: this.#expire(uploadId) });
    return uploadId;
  }

  /**
   * Takes the slice that begins at `at`; resolves when the node's connection has room for more.
   * @throws UPLOAD_NOT_FOUND, ARGUMENT_INVALID for a slice out of order, and what the node has said meanwhile
   */
  async slice(uploadId: string, at: number, bytes: Uint8Array): Promise<void> {
    const upload = this.#find(uploadId);
    if (upload.busy || at !== upload.received || at + bytes.length > upload.target.size || bytes.length > maxSliceBytes) {
      throw new BulkheadError('ARGUMENT_INVALID', 'The slice does not belong here', { details: { at, expected: upload.received, bytes: bytes.length, size: upload.target.size } });
    }
    upload.busy = true;
    clearTimeout(upload.timer);
    try {
      upload.hash.update(bytes);
      const hasRoom = upload.body.write(bytes);
      // an answer before the end of the body is a refusal
      const refused = upload.answer.then(() => { throw new BulkheadError('BODY_TRUNCATED'); });
      await Promise.race([refused, hasRoom ? settled() : once(upload.body, 'drain', { signal: upload.stopped.signal })]);
      upload.received += bytes.length;
    } catch (error) {
      const wasCancelled = upload.stopped.signal.aborted;
      this.#end(uploadId);
      throw wasCancelled ? new BulkheadError('CANCELLED', undefined, { cause: error }) : error;
    } finally {
      upload.busy = false;
    }
    if (this.#open.has(uploadId)) upload.timer = this.#expire(uploadId);
  }

  /** @throws UPLOAD_NOT_FOUND, BODY_TRUNCATED, CHECKSUM_MISMATCH, and what the node says */
  async finish(uploadId: string): Promise<UploadedFile & { clusterId: string }> {
    const upload = this.#find(uploadId);
    const { target, received, body, hash, answer } = upload;
    if (upload.busy || received !== target.size) throw new BulkheadError('BODY_TRUNCATED', `${received} of ${target.size} bytes were sent`);
    upload.busy = true;
    clearTimeout(upload.timer);
    try {
      body.end();
      const { downloadUri, checksums } = await answer;
      const sha256 = hash.digest('hex');
      if (checksums.sha256 !== sha256) {
        throw new BulkheadError('CHECKSUM_MISMATCH', 'The node has stored other bytes than were sent', { details: { sent: sha256, stored: checksums.sha256 } });
      }
      const { clusterId, repository, path, size } = target;
      return { clusterId, repository, path, size, sha256, downloadUri };
    } finally {
      this.#end(uploadId);
    }
  }

  /** Breaks it off; the node keeps nothing of it. */
  cancel(uploadId: string): void {
    if (this.#open.has(uploadId)) this.#end(uploadId);
  }

  close(): void {
    for (const uploadId of [...this.#open.keys()]) this.#end(uploadId);
  }

  #find(uploadId: string): Upload {
    const upload = this.#open.get(uploadId);
    if (upload === undefined) throw new BulkheadError('UPLOAD_NOT_FOUND');
    return upload;
  }

  #end(uploadId: string): void {
    const upload = this.#open.get(uploadId);
    this.#open.delete(uploadId);
    clearTimeout(upload?.timer);
    upload?.stopped.abort();
    upload?.body.destroy();
  }

  #expire(uploadId: string): NodeJS.Timeout {
    return setTimeout(() => { this.#end(uploadId); }, idleMs).unref();
  }
}

/** Long enough for a refusal that is there already to be seen. */
function settled(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
