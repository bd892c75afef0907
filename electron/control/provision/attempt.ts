import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import { lockedByOther, releaseLock, takeLock, untilIdle } from './commands/lock.ts';
import type { Payload } from './payload.ts';
import type { PackedFile, RemoteHost } from './remote-host.ts';
import { shellLine, type CommandResult, type RemoteCommand } from './remote-command.ts';
import type { Phase, RunRecord } from './run-record.ts';
import type { Action, Step } from './step.ts';
import { UploadMeter } from './upload-meter.ts';

/** A lock that is older was left behind, minutes: longer than any run. */
const staleLockMinutes = 60;

/** For a command that is not cancelled, milliseconds: it has a limit of its own, and a host may be gone. */
const longestMs = 90_000;

/** What goes on without its app has a limit that is not longer, seconds. */
const longestLeftSeconds = 180;

export interface AttemptOptions {
  readonly host: RemoteHost;
  readonly record: RunRecord;
  /** user and machine, for the lock */
  readonly who: string;
  /** the payload, compressed once for all hosts */
  readonly packed: (payload: Payload) => Promise<PackedFile>;
  readonly signal: AbortSignal;
  /** path of the lock; that of nodes when left out */
  readonly lock?: string;
  /** runs on the host whose lock may be taken over, at this moment: nobody carries them out any more */
  readonly over?: () => readonly string[];
  /** how to go on where the lock is another run's, when this program knows that */
  readonly lockedHint?: () => string | undefined;
  /** a file that is held by whatever an earlier run has begun on the host, and that has not ended with it */
  readonly busy?: string;
}

/** Carries steps out on one host, forward or back, and records each thing before and after it is done. */
export class Attempt {
  readonly #host: RemoteHost;
  readonly #record: RunRecord;
  readonly #options: AttemptOptions;

  constructor(options: AttemptOptions) {
    this.#host = options.host;
    this.#record = options.record;
    this.#options = options;
  }

  /** Each step that is not so yet. Throws the first failure; what was done until then stays, for a resume or a rollback. */
  async forward(steps: readonly Step[]): Promise<void> {
    const changed = new Set(this.#record.touched());
    for (const step of steps) {
      this.#options.signal.throwIfAborted();
      try {
        if (await this.#stepForward(step, changed)) changed.add(step.id);
      } catch (error) {
        this.#record.end(step.id, 'failed');
        throw error;
      }
    }
  }

  /** Takes back what may have been changed, the last first. */
  async back(steps: readonly Step[]): Promise<void> {
    const touched = this.#record.touched();
    for (const step of steps.toReversed()) {
      if (!touched.has(step.id) && step.undoAlways !== true) continue;
      this.#record.begin(step.id, 'undoing');
      for (const each of step.undo) await this.#succeed(step.id, 'undo', each);
      this.#record.end(step.id, 'undone');
    }
  }

  /** Throws HOST_LOCKED. When it throws, this run holds no lock, unless the host cannot be reached any more. */
  async lock(): Promise<void> {
    try {
      await this.#lock();
    } catch (error) {
      // it may have been taken by a command whose answer got lost
      if (asBulkheadError(error).code === 'SSH_CONNECTION_LOST') await this.unlock().catch(() => undefined);
      throw error;
    }
  }

  async #lock(): Promise<void> {
    const { who, record, lock, over, lockedHint } = this.#options;
    const take = (from?: readonly string[]): Promise<CommandResult> => this.#run('lock', 'lock', takeLock({ runId: record.runId, who, since: Date.now() }, staleLockMinutes, lock, from));
    let result = await take();
    // only now is there a connection, which may have taken seconds: who was silent before may have spoken
    if (result.exitCode === lockedByOther && over !== undefined) result = await take(over());
    if (result.exitCode === 0) return this.#untilIdle();
    if (result.exitCode !== lockedByOther) throw failed(result);
    const hint = lockedHint?.();
    throw new BulkheadError('HOST_LOCKED', `Another run works on this host: ${result.stdout.trim()}`, hint === undefined ? {} : { hint });
  }

  async #untilIdle(): Promise<void> {
    const { busy } = this.#options;
    if (busy === undefined) return;
    try {
      const result = await this.#run('lock', 'lock', untilIdle(busy, longestLeftSeconds));
      if (result.exitCode === lockedByOther) throw new BulkheadError('HOST_LOCKED', 'What an earlier run has begun on this host is still at work there');
      if (result.exitCode !== 0) throw failed(result);
    } catch (error) {
      await this.unlock().catch(() => undefined);
      throw error;
    }
  }

  /** Also when the run was cancelled: whoever comes next must not wait for it. */
  async unlock(): Promise<void> {
    await this.#run('lock', 'unlock', releaseLock(this.#record.runId, this.#options.lock), AbortSignal.timeout(10_000));
  }

  async #stepForward(step: Step, changed: ReadonlySet<string>): Promise<boolean> {
    const record = this.#record;
    record.begin(step.id, 'probing');
    if (step.check !== undefined) {
      await step.check({
        signal: this.#options.signal,
        run: (each) => this.#run(step.id, 'apply', each),
        runToEnd: (each) => this.#run(step.id, 'apply', each, AbortSignal.timeout(longestMs)),
        note: (line) => { record.command(step.id, 'apply', 'found')(0, line); },
      });
      record.end(step.id, 'unchanged');
      return false;
    }
    const outdated = (step.after ?? []).some((earlier) => changed.has(earlier));
    if (!outdated && await this.#isSo(step)) {
      record.end(step.id, 'unchanged');
      return false;
    }
    record.begin(step.id, 'applying');
    for (const action of step.apply) await this.#act(step.id, action);
    for (const each of step.verify) await this.#succeed(step.id, 'verify', each);
    record.end(step.id, 'done');
    return true;
  }

  async #isSo(step: Step): Promise<boolean> {
    if (step.probe.length === 0) return false;
    for (const probe of step.probe) {
      if ((await this.#run(step.id, 'probe', probe)).exitCode !== 0) return false;
    }
    return true;
  }

  async #act(step: string, action: Action): Promise<void> {
    if (action.kind === 'command') {
      await this.#succeed(step, 'apply', action.command);
      return;
    }
    const { packed, signal } = this.#options;
    const end = this.#record.command(step, 'apply', `upload ${action.payload.name} (${action.payload.bytes} bytes) to ${action.to}`);
    try {
      const meter = new UploadMeter(action.payload.name, (upload) => { this.#record.upload(upload); });
      await this.#host.upload(await packed(action.payload), action.to, signal, (sent, total) => { meter.progress(sent, total); });
      end(0, '');
    } catch (error) {
      end(null, String(error));
      throw error;
    } finally {
      this.#record.upload(null);
    }
  }

  async #succeed(step: string, phase: Phase, command: RemoteCommand): Promise<void> {
    const result = await this.#run(step, phase, command);
    if (result.exitCode !== 0) throw failed(result, shellLine(command));
  }

  async #run(step: string, phase: Phase, command: RemoteCommand, signal = this.#options.signal): Promise<CommandResult> {
    const end = this.#record.command(step, phase, shellLine(command));
    try {
      const result = await this.#host.run(command, signal);
      end(result.exitCode, command.secretOutput === true ? '(not recorded: it holds a secret)' : `${result.stdout}${result.stderr}`);
      return result;
    } catch (error) {
      end(null, String(error));
      throw error;
    }
  }
}

function failed({ exitCode, stdout, stderr }: CommandResult, command?: string): BulkheadError {
  const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
  return new BulkheadError('STEP_FAILED', `A command ended with status ${exitCode}${said === '' ? '' : `: ${said}`}`, {
    details: { exitCode, ...(command === undefined ? {} : { command }) },
  });
}
