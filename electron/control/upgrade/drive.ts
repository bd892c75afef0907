import { setTimeout as pause } from 'node:timers/promises';
import { asBulkheadError, BulkheadError, type UpgradeWrite } from '../../../server-bundle/contract/index.ts';
import type { LanCluster, RunUpload } from '../../contract/index.ts';
import type { Payloads } from '../provision/index.ts';
import type { ClusterDoor } from './door.ts';
import type { HostSet } from './host-set.ts';
import { isAlone } from './plan.ts';
import { keptLines } from './progress.ts';
import type { RunProgress, StoredRun, Turn, TurnProgress } from './record.ts';
import { removeStep } from './switch-script.ts';
import { failureOf, HostTurn } from './turn.ts';

/** The cluster hears of the run at least this often. */
const beatMs = 8000;
/** After this long without a word anybody may take it over. */
export const holdSeconds = 45;
/** How long the end of a run is told to a cluster that does not take it, milliseconds. */
const longestEndMs = 300_000;
/** Changes are written down together, at most this often. */
const writeMs = 2000;

export interface DriveParts {
  readonly run: StoredRun;
  readonly token: string;
  readonly who: string;
  readonly cluster: LanCluster;
  readonly door: ClusterDoor;
  readonly hosts: HostSet;
  readonly payloads: Payloads;
  /** the control room closes: what goes on on a host goes on */
  readonly signal: AbortSignal;
  readonly onChange: (run: StoredRun) => void;
}

/** Carries a run out, batch by batch; the cluster has it written down before and after each. */
export class Drive {
  readonly #parts: DriveParts;
  #run: StoredRun;
  #pause = false;
  readonly #uploads = new Map<string, RunUpload>();
  #writing: Promise<void> = Promise.resolve();
  #writtenAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: DriveParts) {
    this.#parts = parts;
    this.#run = parts.run;
  }

  get run(): StoredRun {
    return this.#run;
  }

  get pausing(): boolean {
    return this.#pause;
  }

  /** Files on their way at this moment, by node. */
  get uploads(): ReadonlyMap<string, RunUpload> {
    return this.#uploads;
  }

  /** Between two batches. */
  pause(): void {
    this.#pause = true;
    this.#parts.onChange(this.#run);
  }

  /** Never throws: how it ended is in the record. */
  async carryOut(direction: 'forward' | 'back', resumed: boolean): Promise<void> {
    this.#timer = setInterval(() => { void this.#write().catch(() => undefined); }, beatMs);
    try {
      await (direction === 'forward' ? this.#forward(resumed) : this.#back(resumed));
    } catch (error) {
      if (this.#parts.signal.aborted) await this.#letGo();
      else await this.#fail(asBulkheadError(error));
    } finally {
      clearInterval(this.#timer);
    }
  }

  async #forward(resumed: boolean): Promise<void> {
    const { turns } = this.#run.plan;
    for (const batch of [...new Set(turns.map((each) => each.batch))].sort((a, b) => a - b)) {
      const due = turns.filter((each) => each.batch === batch && !each.unchanged && this.#turn(each).state !== 'done');
      if (due.length === 0) continue;
      // nothing is begun that the cluster does not know of; whoever took the run over is told here
      await this.#write();
      if (this.#pause || this.#run.wish === 'pause') {
        await this.#finish('paused');
        return;
      }
      await this.#requireCapacity(due);
      const ended = await Promise.all(due.map((each) => this.#takeTurn(each, each.to, each.from, resumed)));
      const failure = ended.find((each) => each !== null) ?? null;
      if (failure !== null) {
        await this.#fail(failure);
        return;
      }
    }
    await this.#removeOld();
    await this.#finish('done');
  }

  /** Every node runs the new release: what nobody goes back to may go. What cannot be removed fails nothing, and is told. */
  async #removeOld(): Promise<void> {
    const due = this.#run.plan.turns.filter((each) => each.removes.length > 0 && this.#turn(each).state === 'done');
    if (due.length > 0) await this.#write();
    await Promise.all(due.map(async (each) => {
      this.#change(each.nodeId, { step: removeStep.step });
      const lines = await this.#hostTurn(each, each.to, each.from).then((turn) => turn.removeReleases(each.removes)).catch((error: unknown) => [asBulkheadError(error).message]);
      this.#parts.signal.throwIfAborted();
      this.#change(each.nodeId, { step: null, lines: [...this.#turn(each).lines, ...lines].slice(-keptLines) });
    }));
  }

  /** The last first, one at a time. */
  async #back(resumed: boolean): Promise<void> {
    const touched = this.#run.plan.turns.filter((each) => !each.unchanged && !['waiting', 'put-back'].includes(this.#turn(each).state));
    for (const each of touched.toReversed()) {
      await this.#write();
      await this.#requireCapacity([each]);
      const failure = await this.#takeTurn(each, each.from, each.to, resumed);
      if (failure !== null) {
        await this.#fail(failure);
        return;
      }
    }
    await this.#finish('rolled-back');
  }

  /** Looked at again before each batch: a node may have been lost since the plan was made. */
  async #requireCapacity(due: readonly Turn[]): Promise<void> {
    const { view } = await this.#parts.door.status(this.#parts.signal);
    const others = view.nodes.filter(({ nodeId, observed, desired }) => observed === 'serving' && desired === 'serving' && !due.some((each) => each.nodeId === nodeId));
    if (others.length > 0 || (this.#run.plan.interrupts && isAlone(view))) return;
    throw new BulkheadError('CAPACITY_TOO_SMALL', `No other node serves: ${due.map(({ nodeId }) => nodeId).join(', ')} stays as it is`);
  }

  /** Resolves to why it failed; null when the node serves with `to`. */
  async #takeTurn(planned: Turn, to: string, from: string, resumed: boolean): Promise<BulkheadError | null> {
    const { nodeId } = planned;
    const { signal } = this.#parts;
    const back = isBack(planned, to);
    const before = this.#turn(planned);
    const unseen = resumed && before.toward === to && (before.state === 'running' || before.state === 'putting-back');
    this.#change(nodeId, { state: back ? 'putting-back' : 'running', step: 'lock', lines: [], failure: null, endedAt: null, startedAt: unseen ? before.startedAt : Date.now() });
    try {
      const turn = await this.#hostTurn(planned, to, from);
      const progress = await turn.carryOut(before.attempt, unseen);
      const done = progress.end === 'done';
      const failure = done ? null : failureOf(progress, nodeId);
      this.#change(nodeId, {
        state: done ? (back ? 'put-back' : 'done') : progress.end === 'put-back' && !back ? 'put-back' : 'failed',
        step: done ? null : progress.failedStep ?? progress.step, lines: [...progress.lines], endedAt: Date.now(), failure: failure?.toBody() ?? null,
      });
      return failure;
    } catch (error) {
      signal.throwIfAborted();
      const failure = asBulkheadError(error);
      this.#change(nodeId, { state: 'failed', endedAt: Date.now(), failure: failure.toBody() });
      return failure;
    }
  }

  async #hostTurn(planned: Turn, to: string, from: string): Promise<HostTurn> {
    const { nodeId } = planned;
    const { cluster, hosts, payloads, signal, who } = this.#parts;
    const back = isBack(planned, to);
    const hostId = cluster.nodes.find((each) => each.nodeId === nodeId)?.hostId;
    if (hostId === undefined) throw new BulkheadError('NODE_NOT_FOUND', `This app knows no host for ${nodeId}`, { hint: 'Adopt the cluster again to learn of it.' });
    return new HostTurn({
      runId: this.#run.id, nodeId, to, from, settings: cluster.settings, host: await hosts.host(hostId), payloads, who, signal,
      record: () => this.#run, onChange: (change) => { this.#change(nodeId, back ? { ...change, state: 'putting-back' } : change); },
      onUpload: (upload) => {
        if (upload === null) this.#uploads.delete(nodeId);
        else this.#uploads.set(nodeId, upload);
        this.#parts.onChange(this.#run);
      },
    });
  }

  #turn({ nodeId }: Turn): TurnProgress {
    const found = this.#run.progress.turns[nodeId];
    if (found === undefined) throw new BulkheadError('NODE_NOT_FOUND', `The run does not know ${nodeId}`);
    return found;
  }

  #change(nodeId: string, change: Partial<TurnProgress>): void {
    const before = this.#run.progress.turns[nodeId];
    if (before === undefined) return;
    const after = { ...before, ...change };
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    const progress: RunProgress = { ...this.#run.progress, turns: { ...this.#run.progress.turns, [nodeId]: after } };
    this.#run = { ...this.#run, progress, asOf: Date.now() };
    this.#parts.onChange(this.#run);
    // lines can wait for the next beat; a new step or state should not
    if (after.step !== before.step || after.state !== before.state) void this.#soon();
  }

  async #soon(): Promise<void> {
    const { signal } = this.#parts;
    if (performance.now() - this.#writtenAt < writeMs || signal.aborted) return;
    await this.#write().catch(() => undefined);
  }

  async #fail(failure: BulkheadError): Promise<void> {
    this.#run = { ...this.#run, progress: { ...this.#run.progress, failure: failure.toBody() } };
    await this.#finish('failed');
  }

  async #finish(state: UpgradeWrite['state']): Promise<void> {
    const progress = state === 'failed' ? this.#run.progress : { ...this.#run.progress, failure: null };
    const ended: StoredRun = { ...this.#run, state, progress, asOf: Date.now(), endedAt: state === 'paused' ? null : Date.now() };
    clearInterval(this.#timer ?? undefined);
    // nobody is told of the end before the cluster knows of it, also when the control room closes meanwhile
    await this.#writeEnd(ended);
    this.#run = { ...ended, wish: this.#run.wish, holderUntil: this.#run.holderUntil };
    this.#parts.onChange(this.#run);
  }

  /** Again and again while a cluster does not take it: a run of which it knows no end would be taken for an interrupted one. */
  async #writeEnd(ended: StoredRun): Promise<void> {
    for (const givenUpAt = performance.now() + longestEndMs; ;) {
      try {
        await this.#write(ended, holdSeconds, AbortSignal.timeout(30_000));
        return;
      } catch (error) {
        if (this.#parts.signal.aborted || performance.now() > givenUpAt) return;
        // cancelled: the limit of the attempt
        if (error instanceof BulkheadError && error.status < 500 && error.status !== 429 && error.code !== 'CANCELLED') return;
        await pause(1000);
      }
    }
  }

  /** Another program need not wait for the deadline. */
  async #letGo(): Promise<void> {
    await this.#write(null, 1, AbortSignal.timeout(5000)).catch(() => undefined);
  }

  /** One after the other; throws UPGRADE_TAKEN_OVER when somebody else carries the run out now. */
  #write(as: StoredRun | null = null, ttlSeconds = holdSeconds, signal = this.#parts.signal): Promise<void> {
    const next = this.#writing.catch(() => undefined).then(async () => {
      this.#writtenAt = performance.now();
      const { id, progress, state } = as ?? this.#run;
      const row = await this.#parts.door.write({ id, token: this.#parts.token, progress: { ...progress }, state, ttlSeconds }, signal);
      // what has changed here meanwhile is newer than what comes back
      this.#run = { ...this.#run, wish: row.wish, holderUntil: row.holderUntil };
    });
    this.#writing = next;
    return next;
  }
}

function isBack({ from, to }: Turn, toward: string): boolean {
  return toward === from && toward !== to;
}
