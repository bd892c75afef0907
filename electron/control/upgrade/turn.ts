import { setTimeout as delay } from 'node:timers/promises';
import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { LanSettings, RunUpload } from '../../contract/index.ts';
import { lockedByOther, makeFolder, payloadHasArrived, payloadIsThere, payloadPath, releaseFolder, releaseLock, reusePayload, takeLock, UploadMeter, type Payloads, type RemoteCommand, type RemoteHost } from '../provision/index.ts';
import { makeRunsFolder, readProgress, startSwitch, writeRecord, type Switch } from './commands.ts';
import { removeReleases } from './old-releases.ts';
import { parseProgress, type SwitchProgress } from './progress.ts';
import type { TurnProgress } from './record.ts';
import { titleOf } from './switch-script.ts';

const lookMs = 400;
export const staleLockMinutes = 60;
/** A node may take this long to join again. */
const proveSeconds = 90;

export interface TurnParts {
  readonly runId: string;
  readonly nodeId: string;
  readonly to: string;
  readonly from: string;
  readonly settings: LanSettings;
  readonly host: RemoteHost;
  readonly payloads: Pick<Payloads, 'release' | 'packed'>;
  readonly who: string;
  readonly signal: AbortSignal;
  /** what is to be seen by any program that comes to the host */
  readonly record: () => unknown;
  readonly onChange: (change: Partial<TurnProgress>) => void;
  /** a file on its way; null when none is. Not part of the record: it is old before it is written. */
  readonly onUpload: (upload: RunUpload | null) => void;
}

/** One node's switch: prepared and started from here, carried out by its host, followed from here. */
export class HostTurn {
  readonly #parts: TurnParts;

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  /**
   * @param attempt number of the last one that was begun; 0 for none. It may still be under way: two switches at once would undo each other.
   * @param unseen  it was to reach the same release, and nobody has seen how it ended
   */
  async carryOut(attempt: number, unseen: boolean): Promise<SwitchProgress> {
    const { onChange } = this.#parts;
    const left = attempt > 0 ? await this.#left(attempt) : null;
    if (unseen && left?.end === 'done') return left;
    await this.#lock();
    try {
      await this.#upload();
      await this.#succeed(makeRunsFolder());
      await this.#keepRecord();
      const next = attempt + 1;
      onChange({ attempt: next, toward: this.#parts.to, step: 'drain' });
      await this.#start(next);
      return await this.#follow(next);
    } finally {
      await this.#keepRecord().catch(() => undefined);
      await this.#unlock();
    }
  }

  /** Removes releases that nobody goes back to; resolves to what was done, line by line. */
  async removeReleases(names: readonly string[]): Promise<string[]> {
    const { settings: { serviceUid: uid, serviceGid: gid } } = this.#parts;
    await this.#succeedLock();
    try {
      return await removeReleases(names, { uid, gid }, (each) => this.#run(each));
    } finally {
      await this.#unlock();
    }
  }

  /** What an earlier program has left on the host, followed to its end. */
  async #left(attempt: number): Promise<SwitchProgress> {
    const { active, progress } = await this.#look(attempt, 1);
    return active ? this.#follow(attempt) : progress;
  }

  async #lock(): Promise<void> {
    this.#parts.onChange({ step: 'lock' });
    await this.#succeedLock();
  }

  /** Also when the run was cancelled: whoever comes next must not wait for it. */
  async #unlock(): Promise<void> {
    await this.#parts.host.run(releaseLock(this.#parts.runId), AbortSignal.timeout(10_000)).catch(() => undefined);
  }

  async #succeedLock(): Promise<void> {
    const { runId, who } = this.#parts;
    const { exitCode, stdout, stderr } = await this.#run(takeLock({ runId, who, since: Date.now() }, staleLockMinutes));
    if (exitCode === lockedByOther) throw new BulkheadError('HOST_LOCKED', `Another run works on this host: ${stdout.trim()}`);
    if (exitCode !== 0) throw new BulkheadError('STEP_FAILED', `The host could not be locked: ${stderr.trim()}`);
  }

  /** Only what this app ships can be uploaded; everything else has to be there. */
  async #upload(): Promise<void> {
    const { to, payloads, host, signal, onChange, onUpload } = this.#parts;
    onChange({ step: 'upload' });
    const shipped = await Promise.all((['x64', 'arm64'] as const).map((cpu) => payloads.release(cpu).catch(() => null)));
    const own = shipped.find((release) => release?.name === to);
    if (own === undefined || own === null) {
      if ((await this.#run({ argv: ['test', '-s', `${releaseFolder(to)}/bulkhead-node.cjs`], as: 'root' })).exitCode === 0) return;
      throw new BulkheadError('RELEASE_NOT_THERE', `${to} is not on the host`);
    }
    for (const payload of [own.runtime, own.bundle]) {
      if ((await this.#run(payloadIsThere(to, payload))).exitCode === 0 || (await this.#run(reusePayload(to, payload))).exitCode === 0) continue;
      await this.#succeed(makeFolder(releaseFolder(to), '755'));
      const meter = new UploadMeter(payload.name, onUpload);
      try {
        await host.upload(await payloads.packed(payload), payloadPath(to, payload), signal, (sent, total) => { meter.progress(sent, total); });
      } finally {
        onUpload(null);
      }
      await this.#succeed(payloadHasArrived(to, payload));
    }
  }

  async #start(attempt: number): Promise<void> {
    const { runId, nodeId, to, from, who, settings } = this.#parts;
    const { serviceUid: uid, serviceGid: gid } = settings;
    const commands = startSwitch({ runId, attempt, to, from, nodeId, ids: { uid, gid }, by: who, ...switchLimits(settings) });
    for (const each of commands) await this.#succeed(each);
  }

  /** Until it has ended. A connection that is lost is opened again: the host goes on meanwhile. */
  async #follow(attempt: number): Promise<SwitchProgress> {
    const { drainNoticeMs, drainDeadlineMs } = this.#parts.settings;
    const longest = 3 * (drainNoticeMs + drainDeadlineMs) + 600_000;
    const deadline = performance.now() + longest;
    let failure: unknown = null;
    while (performance.now() < deadline) {
      this.#parts.signal.throwIfAborted();
      try {
        const { active, progress } = await this.#look(attempt, 1);
        this.#tell(progress);
        if (progress.end !== null) return progress;
        if (!active) return { ...progress, end: 'failed', failedStep: progress.step, said: { code: 'STEP_FAILED', message: 'The switch was cut off on the host, for example by a restart of it', hint: 'Resume the run: what is done is not done again.' } };
      } catch (error) {
        this.#parts.signal.throwIfAborted();
        failure = error;
      }
      await delay(lookMs, undefined, { signal: this.#parts.signal });
    }
    throw asBulkheadError(failure ?? new BulkheadError('COMMAND_TIMEOUT', 'The switch on the host did not come to its end'));
  }

  #tell({ step, lines }: SwitchProgress): void {
    this.#parts.onChange({ step, lines: [...lines], state: step?.startsWith('back-') === true ? 'putting-back' : 'running' });
  }

  async #look(attempt: number, from: number): Promise<{ active: boolean; progress: SwitchProgress }> {
    const { stdout } = await this.#run(readProgress(this.#parts.runId, attempt, from));
    const end = stdout.indexOf('\n');
    return { active: stdout.slice(0, end) === 'active', progress: parseProgress(stdout.slice(end + 1)) };
  }

  async #keepRecord(): Promise<void> {
    await this.#succeed(writeRecord(this.#parts.runId, this.#parts.record()));
  }

  #run(command: RemoteCommand): ReturnType<RemoteHost['run']> {
    return this.#parts.host.run(command, this.#parts.signal);
  }

  async #succeed(command: RemoteCommand): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#run(command);
    if (exitCode !== 0) throw new BulkheadError('STEP_FAILED', `A command ended with status ${exitCode}: ${(stderr.trim() || stdout.trim()).split('\n').at(-1) ?? ''}`, { details: { argv: command.argv.slice(0, 2), exitCode } });
  }
}

/** How long each part of a switch may take. */
export function switchLimits({ drainNoticeMs, drainDeadlineMs }: Pick<LanSettings, 'drainNoticeMs' | 'drainDeadlineMs'>): Pick<Switch, 'drainSeconds' | 'stopSeconds' | 'proveSeconds'> {
  const drainSeconds = Math.ceil((drainNoticeMs + drainDeadlineMs) / 1000);
  return { drainSeconds, stopSeconds: drainSeconds + 20, proveSeconds };
}

/** Why a switch that has ended did not do what it was to do. */
export function failureOf({ failedStep, said, end }: SwitchProgress, nodeId: string): BulkheadError {
  const where = failedStep === null ? '' : `${titleOf(failedStep)}: `;
  const after = { 'put-back': 'The former release serves again.', unchanged: 'Nothing was changed.', failed: 'Neither release serves now.', done: '' }[end ?? 'failed'];
  return new BulkheadError('STEP_FAILED', `${nodeId}: ${where}${said?.message ?? 'a command failed; see its lines'}. ${after}`.trim(), {
    hint: said?.hint ?? 'See the lines of the node, and its journal.', details: { step: failedStep, code: said?.code ?? null, end },
  });
}
