import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type ssh2 from 'ssh2';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import type { Secret } from '../secret.ts';
import type { CommandResult, RunOptions, ShellCommand } from '../session.ts';
import { commandLine, type Asking } from './command-line.ts';
import { MarkedOutput } from './marked-output.ts';

/** How a command becomes root. */
export type Rise = { readonly kind: 'none' } | { readonly kind: 'sudo'; readonly isFresh?: boolean } | {
  readonly kind: 'ask';
  /** given when sudo asks, and only then */
  readonly password: Secret;
  /** what sudo asks with where it does not use the prompt that it is given; learned by an execution before this one */
  readonly prompt?: string;
};

export interface Execution extends CommandResult {
  /** false: the command itself never ran; `noise` says what came instead */
  readonly started: boolean;
  readonly noise: string;
  /** sudo asked a second time */
  readonly passwordRefused: boolean;
  /** the words that sudo asked with, when they were not those that it was given: a PAM module's own */
  readonly otherPrompt?: string;
}

export interface ExecuteOptions extends Omit<RunOptions, 'sudo'> {
  readonly rise: Rise;
  /** aborted when the connection is gone: the channel does not always end with it */
  readonly closed: AbortSignal;
  /** ends a command and everything that it has started, given the process that it runs as */
  readonly stop: (pid: number, signal: 'TERM' | 'KILL') => Promise<unknown>;
}

const defaultTimeoutMs = 120_000;
/** From the channel to the command's first sign of life: what a login shell does of its own, and sudo's question. */
const startMs = 30_000;
/** A line on stderr that is begun, and goes no farther for so long, is a question. */
const questionMs = 1000;
const defaultOutputBytes = 1024 * 1024;
const graceMs = 2000;

/** The host is there, and opens no further session in this connection: MaxSessions in its sshd_config. */
export class ChannelRefused extends Error {}

/** Runs one command in a channel of its own. Throws ChannelRefused, COMMAND_TIMEOUT, REMOTE_SHELL_UNUSABLE (it has not even begun), CANCELLED, COMMAND_TOO_LONG, SSH_CONNECTION_LOST. */
export async function execute(client: ssh2.Client, command: ShellCommand, options: ExecuteOptions): Promise<Execution> {
  if (options.signal?.aborted === true) throw new BulkheadError('CANCELLED');
  const token = randomBytes(12).toString('hex');
  const { rise } = options;
  const elevation: Asking | Exclude<Rise, { kind: 'ask' }> = rise.kind === 'ask' ? { kind: 'ask', opening: `sudo-${token}-`, prompt: `ask-${token}`, inputAfter: `input-${token}` } : rise;
  const marker = `run-${token}-`;
  const line = commandLine(command, marker, elevation);
  const startedAt = performance.now();
  const running = await openChannel(client, line, (channel) => new RunningCommand(channel, marker, elevation.kind === 'ask' ? elevation : undefined, options, startedAt));
  return running.result();
}

/** @param begin called at once: the answer to a quick command comes in one piece with its end, before any promise continues */
function openChannel<T>(client: ssh2.Client, line: string, begin: (channel: ssh2.ClientChannel) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const lost = (cause: unknown): void => { reject(new BulkheadError('SSH_CONNECTION_LOST', undefined, { cause })); };
    try {
      client.exec(line, (error, channel) => {
        if (error === undefined) resolve(begin(channel));
        // the number that the host gives as its reason (RFC 4254, 5.1)
        else if ('reason' in error && typeof error.reason === 'number') reject(new ChannelRefused(error.message, { cause: error }));
        else lost(error);
      });
    } catch (error) {
      lost(error);
    }
  });
}

class RunningCommand {
  readonly #channel: ssh2.ClientChannel;
  readonly #options: ExecuteOptions;
  readonly #startedAt: number;
  readonly #asking: Asking | undefined;
  /** what sudo asks with in place of that */
  #otherPrompt: string | undefined;
  readonly #stdout: MarkedOutput;
  readonly #stderr: MarkedOutput;
  #isAnswered = false;
  #quiet: NodeJS.Timeout | undefined;
  #exit: { code: number | null; signal: string | null } | undefined;
  #failure: BulkheadError | undefined;
  #feeding = false;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(channel: ssh2.ClientChannel, marker: string, asking: Asking | undefined, options: ExecuteOptions, startedAt: number) {
    this.#channel = channel;
    this.#options = options;
    this.#startedAt = startedAt;
    this.#asking = asking;
    this.#otherPrompt = options.rise.kind === 'ask' ? options.rise.prompt : undefined;
    channel.on('exit', (code: number | null, name?: string) => { this.#exit = { code, signal: name?.replace(/^SIG/, '') ?? null }; });
    const limit = options.maxOutputBytes ?? defaultOutputBytes;
    this.#stdout = new MarkedOutput(marker, limit, (text) => options.onOutput?.({ stream: 'stdout', text }));
    this.#stderr = new MarkedOutput(marker, limit, (text) => options.onOutput?.({ stream: 'stderr', text }), asking?.opening);
  }

  async result(): Promise<Execution> {
    const channel = this.#channel;
    const { signal, closed, timeoutMs = defaultTimeoutMs } = this.#options;
    const onClosed = (): void => { this.#abandon(); };
    const onAbort = (): void => { this.#stop(new BulkheadError('CANCELLED')); };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#timers.push(setTimeout(() => { this.#stop(this.#late()); }, timeoutMs), setTimeout(() => { if (this.#stdout.pid === undefined) this.#stop(this.#stuck()); }, startMs));
    try {
      await new Promise<void>((resolve) => {
        this.#abandon = resolve;
        channel.on('data', (chunk: Buffer) => { this.#onStdout(chunk); });
        channel.stderr.on('data', (chunk: Buffer) => { this.#onStderr(chunk); });
        channel.on('error', () => undefined);
        channel.once('close', resolve);
        closed.addEventListener('abort', onClosed, { once: true });
        if (closed.aborted) resolve();
        // nothing to send and nobody to ask for a password: whatever reads finds the end
        if (this.#options.stdin === undefined && this.#options.rise.kind !== 'ask') channel.end();
        if (signal?.aborted === true) onAbort();
      });
    } finally {
      for (const timer of [...this.#timers, this.#quiet]) clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      closed.removeEventListener('abort', onClosed);
      const { stdin } = this.#options;
      if (stdin instanceof Readable) stdin.destroy();
    }
    return this.#outcome();
  }

  #abandon: () => void = () => undefined;

  #outcome(): Execution {
    if (this.#failure !== undefined) throw this.#failure;
    const stdout = this.#stdout.end();
    const stderr = this.#stderr.end();
    const passwordRefused = this.#isAskedAgain();
    if (this.#exit === undefined && !passwordRefused) throw new BulkheadError('SSH_CONNECTION_LOST');
    return {
      exitCode: this.#exit?.code ?? null,
      signal: this.#exit?.signal ?? null,
      stdout,
      stderr,
      durationMs: performance.now() - this.#startedAt,
      truncated: this.#stdout.truncated || this.#stderr.truncated,
      started: this.#stdout.pid !== undefined,
      noise: [this.#stdout.noise, this.#stderr.noise].map((text) => this.#withoutPrompt(text).trim()).filter((text) => text !== '').join('\n'),
      passwordRefused,
      ...(this.#otherPrompt === undefined || this.#asked(this.#asking?.prompt) > 0 ? {} : { otherPrompt: this.#otherPrompt }),
    };
  }

  #onStdout(chunk: Buffer): void {
    this.#stdout.add(chunk);
    if (this.#stdout.pid !== undefined && !this.#feeding) this.#feed();
  }

  #onStderr(chunk: Buffer): void {
    this.#stderr.add(chunk);
    if (this.#stderr.pid !== undefined || this.#options.rise.kind !== 'ask') return;
    clearTimeout(this.#quiet);
    // asked again: the password is wrong, and more attempts could lock the user out
    if (this.#isAskedAgain()) this.#channel.close();
    else if (this.#isAnswered) return;
    else if (this.#asked(this.#asking?.prompt) + this.#asked(this.#otherPrompt) > 0) this.#answer(this.#options.rise.password);
    else this.#quiet = setTimeout(() => { this.#answerOther(); }, questionMs);
  }

  /** sudo lets a PAM module ask in its own words, whatever prompt it was given. What the login shell has printed is none of them. */
  #answerOther(): void {
    const begun = this.#stderr.opened.split('\n').at(-1)?.trim() ?? '';
    if (begun === '' || this.#stderr.pid !== undefined || this.#options.rise.kind !== 'ask') return;
    this.#otherPrompt = begun;
    this.#answer(this.#options.rise.password);
  }

  #answer(password: Secret): void {
    // what comes now is the command's
    if (this.#feeding) return;
    this.#isAnswered = true;
    this.#channel.write(`${password.reveal()}\n`);
  }

  #asked(prompt: string | undefined): number {
    return prompt === undefined ? 0 : this.#stderr.opened.split(prompt).length - 1;
  }

  #withoutPrompt(text: string): string {
    return this.#asking === undefined ? text : text.replaceAll(this.#asking.prompt, '');
  }

  #isAskedAgain(): boolean {
    return this.#asked(this.#asking?.prompt) > 1 || this.#asked(this.#otherPrompt) > 1;
  }

  /** The command runs: now it gets its input, and nothing before it could have read that. */
  #feed(): void {
    this.#feeding = true;
    const { stdin } = this.#options;
    if (this.#asking !== undefined && stdin !== undefined) this.#channel.write(`${this.#asking.inputAfter}\n`);
    if (stdin instanceof Readable) {
      stdin.once('error', (cause) => { this.#stop(new BulkheadError('INTERNAL', 'what was to be sent could not be read', { cause })); });
      stdin.pipe(this.#channel);
    } else if (this.#channel.writable) {
      if (stdin === undefined) this.#channel.end();
      else this.#channel.end(typeof stdin === 'string' ? stdin : Buffer.from(stdin));
    }
  }

  #late(): BulkheadError {
    const timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs;
    return new BulkheadError('COMMAND_TIMEOUT', `The command did not end within ${timeoutMs} ms`, {
      details: { timeoutMs, stdout: this.#stdout.end().slice(-2000), stderr: this.#stderr.end().slice(-2000), noise: this.#stdout.noise.slice(-500) },
    });
  }

  #stuck(): BulkheadError {
    return new BulkheadError('REMOTE_SHELL_UNUSABLE', `The login shell has not begun the command within ${startMs / 1000} s`, {
      hint: 'Something that runs at every login waits: a question in .bashrc or .profile, a script, or sudo for its directory. Let it do that only in terminals.',
      details: { printed: this.#withoutPrompt(`${this.#stdout.noise}${this.#stderr.noise}`).slice(-2000) },
    });
  }

  /** Asks the command to end, then makes it; after that its answer is not waited for. */
  #stop(failure: BulkheadError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#signal('TERM');
    this.#timers.push(setTimeout(() => { this.#signal('KILL'); }, graceMs));
    this.#timers.push(setTimeout(() => {
      this.#channel.close();
      this.#abandon();
    }, 2 * graceMs));
  }

  #signal(signal: 'TERM' | 'KILL'): void {
    const pid = this.#stdout.pid;
    // a host does not pass signals on to what runs as another user, and old ones to nobody
    if (pid === undefined) this.#channel.signal(signal);
    else this.#options.stop(pid, signal).catch(() => { this.#channel.signal(signal); });
  }
}
