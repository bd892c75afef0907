import type { Duplex } from 'node:stream';
import type { CommandResult, RemoteCommand } from './remote-command.ts';

/** A host that commands are run on. The connection is made at the first use, and again after it was lost. */
export interface RemoteHost {
  /** Resolves whatever the exit code is. Throws when the host cannot be reached, or the command took too long. */
  run(command: RemoteCommand, signal: AbortSignal): Promise<CommandResult>;
  /**
   * Puts a file on the host as root: unpacked, verified by its SHA-256, and only then under its name. An upload that was cut off
   * goes on where it was.
   * @param onProgress bytes of the compressed file on their way or there, those of earlier attempts included
   */
  upload(file: PackedFile, remotePath: string, signal: AbortSignal, onProgress?: (sentBytes: number, totalBytes: number) => void): Promise<void>;
  /** A TCP connection that the host makes. Throws FORWARDING_DENIED, FORWARDING_FAILED, or that the host cannot be reached. */
  forward(address: string, port: number): Promise<Duplex>;
  close(): Promise<void>;
}

/** A file of this machine that was compressed with gzip. */
export interface PackedFile {
  readonly path: string;
  /** of the unpacked file */
  readonly sha256: string;
  /** octal permission bits of the unpacked file */
  readonly mode: number;
}
