import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { createGzip } from 'node:zlib';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { CommandResult, RunOptions, ShellCommand } from './session.ts';
import { exitCodes, finishScript, lookScript, receiveScript, blockBytes } from './upload-scripts.ts';

/** A stream cannot be sent twice, so it cannot be resumed. */
export type UploadSource = { readonly file: string } | { readonly content: string | Uint8Array } | { readonly stream: Readable };

export interface UploadOptions {
  /** permission bits, 0o644 when left out */
  readonly mode?: number;
  /** of the file as it will be on the host, lower-case hexadecimal; computed when left out */
  readonly sha256?: string;
  /** compress on the way; true when left out */
  readonly compressed?: boolean;
  /** `file` is gzip already and is unpacked on the host: compress once, send to many. `sha256` is then that of the unpacked file, and needed. */
  readonly unpack?: boolean;
  /** go on where an earlier upload of the same content was cut; true when left out */
  readonly resume?: boolean;
  /** write as root */
  readonly sudo?: boolean;
  readonly onProgress?: (progress: UploadProgress) => void;
  readonly signal?: AbortSignal;
  /** milliseconds for the whole; ten minutes when left out */
  readonly timeoutMs?: number;
}

export interface UploadProgress {
  /** bytes of the source on their way or there, those of earlier attempts included */
  readonly sent: number;
  /** null for a stream */
  readonly total: number | null;
}

export interface UploadResult {
  readonly sha256: string;
  /** bytes of the source that an earlier attempt had brought */
  readonly resumedAt: number;
  /** true: the same file was there already, and nothing was sent */
  readonly unchanged: boolean;
}

type Run = (command: ShellCommand, options: RunOptions) => Promise<CommandResult>;

/** What is sent, and from where on. */
interface Sendable {
  /** null: unknown before the end */
  readonly bytes: number | null;
  from(offset: number): Readable;
}

interface Found {
  readonly unchanged: boolean;
  readonly partBytes: number;
  readonly partSha256: string;
  readonly room: Room | null;
}

/** Of the file system that the file goes to. */
interface Room {
  readonly freeBytes: number;
  /** where it is mounted */
  readonly mount: string;
}

/** Puts a file on a host; see `SshSession.upload`. */
export async function upload(run: Run, source: UploadSource, remotePath: string, options: UploadOptions): Promise<UploadResult> {
  const sendable = await sendableOf(source);
  const declared = options.sha256 ?? ('stream' in source || options.unpack === true ? undefined : await sha256Of(sendable.from(0)));
  if (options.unpack === true && declared === undefined) throw new BulkheadError('ARGUMENT_INVALID', 'sha256 is needed to unpack on the host');
  const canResume = declared !== undefined && !('stream' in source) && options.resume !== false;
  const part = `${remotePath}.${canResume ? declared.slice(0, 16) : randomUUID()}${options.unpack === true ? '.gz' : ''}.part`;
  const runOptions: RunOptions = { timeoutMs: options.timeoutMs ?? 600_000, sudo: options.sudo === true, ...(options.signal === undefined ? {} : { signal: options.signal }) };

  const found = await look(run, remotePath, part, declared, runOptions);
  if (found.unchanged && declared !== undefined) {
    await step(run, finishScript.chmod, [remotePath, modeOf(options)], runOptions);
    return { sha256: declared, resumedAt: 0, unchanged: true };
  }
  const resumedAt = canResume ? await usable(found, sendable) : 0;
  const missing = sendable.bytes === null ? 0 : sendable.bytes - resumedAt;
  if (found.room !== null && found.room.freeBytes < missing) throw diskFull(remotePath, found.room, missing, canResume);

  try {
    const sha256 = await send();
    return { sha256, resumedAt, unchanged: false };
  } catch (error) {
    // nobody would ever go on with it, and it would only take room
    if (!canResume) await run({ script: 'rm -f -- "$1" "$1.said"', args: [part] }, { sudo: options.sudo === true, timeoutMs: 10_000 }).catch(() => undefined);
    throw error;
  }

  async function send(): Promise<string> {
    const sent = new CountAndHash(resumedAt, sendable.bytes, options.onProgress);
    const counted = pipe(sendable.from(resumedAt), sent);
    const compressed = options.compressed !== false && options.unpack !== true;
    const received = await run(
      { script: receiveScript, args: [part, String(resumedAt / blockBytes), compressed ? 'gzip' : 'plain', resumedAt === 0 ? 'anew' : 'on'] },
      { ...runOptions, stdin: compressed ? pipe(counted, createGzip({ level: 1 })) : counted },
    );
    if (received.exitCode !== 0) {
      const now = await look(run, remotePath, part, undefined, runOptions);
      if (now.room !== null && now.room.freeBytes < blockBytes) throw diskFull(remotePath, now.room, sendable.bytes === null ? null : sendable.bytes - now.partBytes, canResume);
      throw failed('receiving', received);
    }
    const sha256 = declared ?? sent.digest();
    await step(run, finishScript.publish, [part, remotePath, modeOf(options), sha256, options.unpack === true ? 'unpack' : 'as-is'], runOptions, canResume);
    return sha256;
  }
}

async function look(run: Run, remotePath: string, part: string, sha256: string | undefined, options: RunOptions): Promise<Found> {
  const { exitCode, stdout, stderr } = await run({ script: lookScript, args: [remotePath, part, sha256 ?? ''] }, options);
  if (exitCode !== 0) throw failed('looking at the folder', { exitCode, stdout, stderr });
  const values = valuesIn(stdout);
  return {
    unchanged: values.has('same'),
    partBytes: Number(values.get('part') ?? 0),
    partSha256: values.get('sha256') ?? '',
    room: roomIn(values),
  };
}

/** Lines of a name and a value. */
function valuesIn(stdout: string): ReadonlyMap<string, string> {
  return new Map(stdout.trim().split('\n').map((line) => {
    const at = line.indexOf(' ');
    return at < 0 ? [line, ''] as const : [line.slice(0, at), line.slice(at + 1)] as const;
  }));
}

function roomIn(values: ReadonlyMap<string, string>): Room | null {
  const free = values.get('free');
  return free === undefined || !/^\d+$/.test(free) ? null : { freeBytes: Number(free) * 1024, mount: values.get('mount') ?? '' };
}

/** How much of what an earlier attempt left is really the beginning of the source. */
async function usable({ partBytes, partSha256 }: Found, sendable: Sendable): Promise<number> {
  if (partBytes === 0 || (sendable.bytes ?? 0) < partBytes) return 0;
  return (await sha256Of(sendable.from(0), partBytes)) === partSha256 ? partBytes : 0;
}

async function step(run: Run, script: string, args: readonly string[], options: RunOptions, canResume = false): Promise<void> {
  const result = await run({ script, args }, options);
  if (result.exitCode === exitCodes.mismatch) throw new BulkheadError('CHECKSUM_MISMATCH', 'What arrived on the host is not what was sent', { details: { expected: args[3], found: result.stdout.trim() } });
  if (result.exitCode === exitCodes.full) {
    const values = valuesIn(result.stdout);
    throw diskFull(args[1] ?? '', roomIn(values) ?? { freeBytes: 0, mount: '' }, Number(values.get('needed')), canResume);
  }
  if (result.exitCode !== 0) throw failed('putting the file in its place', result);
}

function failed(during: string, { exitCode, stderr, stdout }: Pick<CommandResult, 'exitCode' | 'stderr' | 'stdout'>): BulkheadError {
  return new BulkheadError('UPLOAD_FAILED', undefined, { details: { during, exitCode, lastLines: `${stdout}${stderr}`.trim().slice(-2000) } });
}

/**
 * @param neededBytes null: more than there is, and nobody knows how much
 * @param canResume what has arrived is kept, and the next attempt goes on with it
 */
function diskFull(path: string, { freeBytes, mount }: Room, neededBytes: number | null, canResume: boolean): BulkheadError {
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const where = mount === '' ? 'there' : `on ${mount}`;
  return new BulkheadError('HOST_DISK_FULL', `The host has no room for ${path}: ${mebibytes(freeBytes)} are free ${where}${neededBytes === null ? ', and it needs more' : `, ${mebibytes(neededBytes)} are needed`}`, {
    hint: `Free space ${where} and do it again${canResume ? ': what has arrived is kept, and is not sent twice' : ''}.`, details: { path, mount, freeBytes, neededBytes },
  });
}

function modeOf({ mode = 0o644 }: UploadOptions): string {
  return mode.toString(8).padStart(4, '0');
}

async function sendableOf(source: UploadSource): Promise<Sendable> {
  if ('stream' in source) return { bytes: null, from: () => source.stream };
  if ('file' in source) {
    const { size } = await stat(source.file);
    return { bytes: size, from: (start) => createReadStream(source.file, { start, highWaterMark: 256 * 1024 }) };
  }
  const content = Buffer.from(source.content);
  return { bytes: content.length, from: (start) => Readable.from([content.subarray(start)], { objectMode: false }) };
}

/** @param limit bytes that are read; all when left out */
async function sha256Of(stream: Readable, limit = Infinity): Promise<string> {
  const hash = createHash('sha256');
  let left = limit;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) break;
  }
  return hash.digest('hex');
}

/** Like `pipe`, and errors and ends go both ways. */
function pipe(from: Readable, to: Transform): Transform {
  from.once('error', (error) => { to.destroy(error); });
  to.once('close', () => { from.destroy(); });
  return from.pipe(to);
}

class CountAndHash extends Transform {
  readonly #hash = createHash('sha256');
  readonly #total: number | null;
  readonly #onProgress: UploadOptions['onProgress'];
  #sent: number;

  constructor(sent: number, total: number | null, onProgress: UploadOptions['onProgress']) {
    super();
    this.#sent = sent;
    this.#total = total;
    this.#onProgress = onProgress;
    onProgress?.({ sent, total });
  }

  digest(): string {
    return this.#hash.digest('hex');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: Error | null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.#sent += chunk.length;
    this.#onProgress?.({ sent: this.#sent, total: this.#total });
    done(null, chunk);
  }
}
