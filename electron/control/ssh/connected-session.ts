import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { ConnectedHop } from './connect-hop.ts';
import { forwardThrough } from './forward.ts';
import { detectPrivilege, type Privilege } from './privilege.ts';
import type { Secret } from './secret.ts';
import type { CommandResult, RunOptions, ShellCommand, SshSession } from './session.ts';
import { ChannelRefused, execute, type Execution, type ExecuteOptions, type Rise } from './shell/execute.ts';
import { Slots } from './shell/slots.ts';
import { describeTarget, type HostTarget } from './target.ts';
import { upload, type UploadOptions, type UploadResult, type UploadSource } from './upload.ts';

/** sshd lets ten sessions through one connection (MaxSessions); two are kept for ending commands and for looking. */
const commandsAtOnce = 8;

const goodbyeMs = 1000;

/** How often a session is asked for where only one is opened at a time, and the pause between, milliseconds. */
const mostAttempts = 100;
const attemptMs = 50;

/** `$1` is a process, `$2` a signal: ends its whole process group, sudo's included. */
const endGroup = 'if read -r stat < "/proc/$1/stat"; then set -- "$2" ${stat##*) }; kill -s "$1" -- "-$4"; else kill -s "$2" "$1"; fi';

/** A session over hops that are logged in; the last one is the target. */
export class ConnectedSession implements SshSession {
  readonly target: HostTarget;
  readonly hostKeyFingerprint: string;
  readonly #hops: readonly ConnectedHop[];
  readonly #last: ConnectedHop;
  readonly #sudoPassword: Secret | undefined;
  readonly #gone = new AbortController();
  readonly #slots = new Slots(commandsAtOnce);
  /** a command has run: the host does open sessions */
  #hasOpened = false;
  #privilege: Promise<Privilege> | undefined;

  constructor(target: HostTarget, hops: readonly ConnectedHop[], sudoPassword: Secret | undefined) {
    const last = hops.at(-1);
    if (last === undefined) throw new BulkheadError('INTERNAL', 'a session needs a connection');
    this.target = target;
    this.#hops = hops;
    this.#last = last;
    this.hostKeyFingerprint = last.hostKey.fingerprint;
    this.#sudoPassword = sudoPassword ?? last.password;
    for (const { client } of hops) {
      client.on('error', (cause) => { this.#end(this.#lost(cause)); });
      client.once('close', () => { this.#end(this.#lost(undefined)); });
    }
  }

  get closed(): AbortSignal {
    return this.#gone.signal;
  }

  async run(command: ShellCommand, options: RunOptions = {}): Promise<CommandResult> {
    const rise = options.sudo === true ? await this.#rise() : { kind: 'none' } as const;
    const done = await this.#execute(command, rise, options);
    if (done.passwordRefused) throw new BulkheadError('SUDO_PASSWORD_WRONG', undefined, { details: { hop: describeTarget(this.target) } });
    if (!done.started) {
      const details = { hop: describeTarget(this.target), exitCode: done.exitCode, printed: done.noise.slice(-2000) };
      // what came last says why: that the password has expired, for example
      const why = done.noise.trim().split('\n').at(-1) ?? '';
      if (rise.kind === 'none') throw new BulkheadError('REMOTE_SHELL_UNUSABLE', `The login shell of this user runs no commands${quoted(why)}`, { hint: 'Sign in by hand once: it may want a new password of this user first. Or use another login, or give this one a shell.', details });
      throw new BulkheadError('NO_PRIVILEGE', `This login cannot become root on the host${quoted(why)}`, { details });
    }
    const { exitCode, signal, stdout, stderr, durationMs, truncated } = done;
    return { exitCode, signal, stdout, stderr, durationMs, truncated };
  }

  async upload(source: UploadSource, remotePath: string, options: UploadOptions = {}): Promise<UploadResult> {
    return upload((command, runOptions) => this.run(command, runOptions), source, remotePath, options);
  }

  async forward(host: string, port: number): Promise<Duplex> {
    this.#refuseWhenGone();
    return forwardThrough(this.#last.client, host, port);
  }

  async privilege(): Promise<Privilege> {
    this.#privilege ??= detectPrivilege((command, rise) => this.#execute(command, rise, { timeoutMs: 20_000 }), this.#sudoPassword)
      .catch((error: unknown) => {
        // not known is not the same as none: the next one asks again
        this.#privilege = undefined;
        throw error;
      });
    return this.#privilege;
  }

  async close(): Promise<void> {
    if (this.#gone.signal.aborted) return;
    this.#end(new BulkheadError('CANCELLED', 'The connection was closed'));
    const clients = [...this.#hops].reverse().map(({ client }) => client);
    for (const client of clients) client.end();
    // a host that is silent says no goodbye
    const ended = Promise.all(clients.map((client) => new Promise<void>((resolve) => { client.once('close', resolve); })));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => { timer = setTimeout(resolve, goodbyeMs); });
    await Promise.race([ended, patience]);
    clearTimeout(timer);
    for (const client of clients) client.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #rise(): Promise<Rise> {
    const privilege = await this.privilege();
    switch (privilege.kind) {
      case 'root': return { kind: 'none' };
      case 'sudo': return { kind: 'sudo' };
      case 'sudo-password':
        if (privilege.known && this.#sudoPassword !== undefined) return { kind: 'ask', password: this.#sudoPassword, ...(privilege.prompt === undefined ? {} : { prompt: privilege.prompt }) };
        if (privilege.given) throw new BulkheadError('SUDO_PASSWORD_WRONG', undefined, { details: { hop: describeTarget(this.target), privilege } });
        throw new BulkheadError('NO_PRIVILEGE', `sudo does nothing without a password on this host${quoted(privilege.said)}`, {
          hint: 'Give the host a password for sudo, or let this user do without: NOPASSWD in sudoers. Where sudo wants a terminal: "Defaults:USER !requiretty".', details: { hop: describeTarget(this.target), privilege },
        });
      case 'none':
        throw new BulkheadError('NO_PRIVILEGE', `This login cannot become root on the host${quoted(privilege.reason)}`, { details: { hop: describeTarget(this.target), privilege } });
    }
  }

  async #execute(command: ShellCommand, rise: Rise, options: Omit<RunOptions, 'sudo'>): Promise<Execution> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#slots.run(async () => {
        this.#refuseWhenGone();
        const stop: ExecuteOptions['stop'] = (pid, signal) => execute(this.#last.client, { script: endGroup, args: [String(pid), signal] }, { rise, closed: this.#gone.signal, timeoutMs: 5000, stop: async () => undefined });
        try {
          const done = await execute(this.#last.client, command, { ...options, rise, closed: this.#gone.signal, stop });
          this.#hasOpened = true;
          return done;
        } catch (error) {
          if (error instanceof ChannelRefused) return this.#refused(error, attempt);
          throw error;
        }
      });
      if (result !== 'again') return result;
    }
  }

  /**
   * A host that opens fewer sessions than most is asked for fewer at once; one that opens none is of no use. One that opens a single one
   * gives it free a moment after the command in it has ended, and tells nobody when.
   */
  async #refused(cause: ChannelRefused, attempt: number): Promise<'again'> {
    if (this.#slots.used > 1) this.#slots.narrow(this.#slots.used - 1);
    else if (this.#hasOpened && attempt < mostAttempts) await delay(attemptMs);
    else {
      throw new BulkheadError('REMOTE_SHELL_UNUSABLE', 'The host lets this user in and opens no session', {
        hint: 'Set MaxSessions in its sshd_config to 2 or more (10 is what sshd does without it).', details: { hop: describeTarget(this.target), reason: cause.message }, cause,
      });
    }
    return 'again';
  }

  #refuseWhenGone(): void {
    if (this.#gone.signal.aborted) throw this.#lost(undefined);
  }

  #lost(cause: unknown): BulkheadError {
    return new BulkheadError('SSH_CONNECTION_LOST', undefined, { details: { hop: describeTarget(this.target) }, ...(cause === undefined ? {} : { cause }) });
  }

  #end(reason: BulkheadError): void {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort(reason);
    if (reason.code === 'SSH_CONNECTION_LOST') for (const { client } of this.#hops) client.destroy();
  }
}

function quoted(said: string): string {
  return said === '' ? '' : `: ${said}`;
}
