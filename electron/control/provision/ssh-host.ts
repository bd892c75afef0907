import type { Duplex } from 'node:stream';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { SshSession } from '../ssh/index.ts';
import type { CommandResult, RemoteCommand } from './remote-command.ts';
import type { PackedFile, RemoteHost } from './remote-host.ts';

/** A host over SSH. A connection that was lost is opened again for the next command; the one under way fails. */
export class SshHost implements RemoteHost {
  readonly #open: (signal: AbortSignal) => Promise<SshSession>;
  #session: Promise<SshSession> | null = null;

  constructor(open: (signal: AbortSignal) => Promise<SshSession>) {
    this.#open = open;
  }

  async run({ argv, as, input, timeoutMs }: RemoteCommand, signal: AbortSignal): Promise<CommandResult> {
    const session = await this.#connected(signal);
    const result = await session.run({ argv }, {
      signal, sudo: as === 'root',
      ...(input === undefined ? {} : { stdin: input.text }), ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if (result.exitCode === null) throw new BulkheadError('STEP_FAILED', `A command was ended by signal ${result.signal ?? 'unknown'}`);
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  }

  async upload({ path, sha256, mode }: PackedFile, remotePath: string, signal: AbortSignal): Promise<void> {
    const session = await this.#connected(signal);
    await session.upload({ file: path }, remotePath, { unpack: true, sha256, mode, sudo: true, signal });
  }

  async forward(address: string, port: number): Promise<Duplex> {
    return (await this.#connected(new AbortController().signal)).forward(address, port);
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    await session?.close();
  }

  async #connected(signal: AbortSignal): Promise<SshSession> {
    const present = await this.#session?.catch(() => null);
    if (present !== null && present !== undefined && !present.closed.aborted) return present;
    this.#session = this.#open(signal);
    return this.#session;
  }
}
