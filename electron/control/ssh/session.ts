import type { Readable, Duplex } from 'node:stream';
import type { Privilege } from './privilege.ts';
import type { HostTarget } from './target.ts';
import type { UploadOptions, UploadResult, UploadSource } from './upload.ts';

/** A command as data: a program with its arguments, or a POSIX script whose values arrive as `$1`, `$2` … */
export type ShellCommand =
  | { readonly argv: readonly string[] }
  | { readonly script: string; readonly args?: readonly string[] };

export interface RunOptions {
  /** secrets go this way and no other; nothing is sent before the command itself has started */
  readonly stdin?: string | Uint8Array | Readable;
  /** milliseconds; two minutes when left out */
  readonly timeoutMs?: number;
  /** whole characters as they come, after whatever the login shell printed */
  readonly onOutput?: (output: CommandOutput) => void;
  /** as root; does nothing when the login is root */
  readonly sudo?: boolean;
  readonly signal?: AbortSignal;
  /** of each of stdout and stderr, in bytes; the end is kept. 1 MiB when left out. */
  readonly maxOutputBytes?: number;
}

export interface CommandOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface CommandResult {
  /** null when a signal ended it */
  readonly exitCode: number | null;
  /** without "SIG", for example "KILL" */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  /** true: more was printed than is kept; the beginning is missing */
  readonly truncated: boolean;
}

/**
 * A connection to a host, for as many commands as needed at once. All calls reject with SSH_CONNECTION_LOST when it breaks.
 */
export interface SshSession {
  readonly target: HostTarget;
  /** fingerprint of the key that the host has proved to hold, `SHA256:…` */
  readonly hostKeyFingerprint: string;
  /** aborted when the connection is gone, by `close` or by itself; the reason says which */
  readonly closed: AbortSignal;

  /**
   * Runs a command with LC_ALL=C and resolves whatever its exit code is.
   * Throws COMMAND_TIMEOUT, CANCELLED, REMOTE_SHELL_UNUSABLE, NO_PRIVILEGE and SUDO_PASSWORD_WRONG (with `sudo`).
   */
  run(command: ShellCommand, options?: RunOptions): Promise<CommandResult>;

  /**
   * Puts a file on the host: to a part file beside it first, verified there, then renamed over it.
   * Throws UPLOAD_FAILED, HOST_DISK_FULL, CHECKSUM_MISMATCH, CANCELLED.
   */
  upload(source: UploadSource, remotePath: string, options?: UploadOptions): Promise<UploadResult>;

  /** A TCP connection from the host to `host:port`. Throws FORWARDING_DENIED, FORWARDING_FAILED. */
  forward(host: string, port: number): Promise<Duplex>;

  /** How this login becomes root. Changes nothing; looked up once. */
  privilege(): Promise<Privilege>;

  /** Ends the connection and those to the hosts in between. */
  close(): Promise<void>;
}
