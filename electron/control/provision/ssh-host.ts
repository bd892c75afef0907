import type { Duplex } from 'node:stream';
import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { SshSession } from '../ssh/index.ts';
import type { CommandResult, RemoteCommand } from './remote-command.ts';
import type { PackedFile, RemoteHost } from './remote-host.ts';

/**
 * A host over SSH, through one connection however many ask for it at once. One that was lost is opened again for the next command; the
 * command under way fails. After `close` nothing is opened any more: what comes late is refused with CANCELLED.
 */
export class SshHost implements RemoteHost {
  readonly #open: (signal: AbortSignal) => Promise<SshSession>;
  readonly #closing = new AbortController();
  #session: SshSession | null = null;
  #attempt: Promise<SshSession> | null = null;

  constructor(open: (signal: AbortSignal) => Promise<SshSession>) {
    this.#open = open;
  }

  async run({ argv, as, input, timeoutMs, runsToEnd }: RemoteCommand, signal: AbortSignal): Promise<CommandResult> {
    const session = await this.#connected(signal);
    const result = await session.run({ argv }, {
      sudo: as === 'root', ...(runsToEnd === true ? {} : { signal }),
      ...(input === undefined ? {} : { stdin: input.text }), ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if (result.exitCode === null) throw new BulkheadError('STEP_FAILED', `A command was ended by signal ${result.signal ?? 'unknown'}`);
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  }

  async upload({ path, sha256, mode }: PackedFile, remotePath: string, signal: AbortSignal, onProgress?: (sentBytes: number, totalBytes: number) => void): Promise<void> {
    const session = await this.#connected(signal);
    await session.upload({ file: path }, remotePath, { unpack: true, sha256, mode, sudo: true, signal, onProgress: ({ sent, total }) => onProgress?.(sent, total ?? sent) });
  }

  async forward(address: string, port: number): Promise<Duplex> {
    return (await this.#connected(this.#closing.signal)).forward(address, port);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#attempt?.catch(() => undefined);
    await this.#session?.close();
  }

  async #connected(signal: AbortSignal): Promise<SshSession> {
    for (;;) {
      if (signal.aborted || this.#closing.signal.aborted) throw new BulkheadError('CANCELLED');
      if (this.#session !== null && !this.#session.closed.aborted) return this.#session;
      const isOwn = this.#attempt === null;
      // recorded before anything is awaited: who asks meanwhile waits for this one
      this.#attempt ??= this.#connect(signal).finally(() => { this.#attempt = null; });
      try {
        return await unlessAborted(this.#attempt, signal);
      } catch (error) {
        // it ended because whoever began it gave up: that is not everybody's end
        if (isOwn || asBulkheadError(error).code !== 'CANCELLED') throw error;
      }
    }
  }

  async #connect(signal: AbortSignal): Promise<SshSession> {
    const session = await this.#open(AbortSignal.any([signal, this.#closing.signal]));
    this.#session = session;
    if (!this.#closing.signal.aborted) return session;
    await session.close();
    throw new BulkheadError('CANCELLED');
  }
}

/** Like the promise; rejects with CANCELLED as soon as the signal says so. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => { reject(new BulkheadError('CANCELLED')); };
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => { signal.removeEventListener('abort', abort); });
  });
}
