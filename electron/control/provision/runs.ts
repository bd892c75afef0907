import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { RunDetail, RunSummary, RunUpload } from '../../contract/index.ts';
import type { HostAccess } from '../fleet/index.ts';
import { claimRunRow, insertRunRow, readRunRow, setRunTarget, type RunRow, type RunState } from '../state/index.ts';
import { Broadcast } from '../streams/index.ts';
import { Attempt } from './attempt.ts';
import type { RunKind } from './node-steps.ts';
import { NodeWork, type NodeWorkParts } from './node-work.ts';
import { findRun, interruptedBalancerRun, listRuns, readRun, silentMs, summaryOf } from './read-runs.ts';
import { redactor } from './redact.ts';
import { RunRecord } from './run-record.ts';
import { refuseOutdated, refuseOvertaken } from './run-guards.ts';
import { lockOf } from './run-lock.ts';
import type { Asked, OtherRun, RunWork, WorkOn } from './run-work.ts';
import type { Step } from './step.ts';
import { nodeTarget, type NodeTarget } from './target.ts';

const beatMs = 1000;

export interface RunsParts extends NodeWorkParts {
  /** what runs of other kinds than nodes' do */
  readonly otherWork: (target: string, runId: string) => RunWork;
  /** throws while the cluster has no one secret that all of its nodes accept */
  readonly refuseWhileRotating: (clusterId: string) => Promise<void>;
  /** an attempt has ended */
  readonly onEnd: (run: RunSummary, caller: string) => void;
}

/** How runs are carried out: one for each host, recorded so that it can be resumed or rolled back by any program. */
export class Runs {
  /** what runs of nodes consist of */
  readonly nodes: NodeWork;
  readonly #parts: RunsParts;
  readonly #changes = new Broadcast<RunSummary>();
  readonly #underWay = new Map<string, AbortController>();
  /** files on their way, by run */
  readonly #uploads = new Map<string, RunUpload>();

  constructor(parts: RunsParts) {
    this.#parts = parts;
    this.nodes = new NodeWork(parts);
  }

  list(limit: number): RunSummary[] {
    return listRuns(this.#parts.state, limit).map((run) => this.#withUpload(run));
  }

  show(runId: string): RunDetail {
    return this.#withUpload(readRun(this.#parts.state, runId));
  }

  watch(signal: AbortSignal): AsyncIterable<RunSummary> {
    return this.#changes.listen(signal);
  }

  /** Stops a run that this program carries out, whoever has asked for it. Throws RUN_STATE when it carries out no such run. */
  cancel(runId: string): void {
    const row = findRun(this.#parts.state, runId);
    const own = this.#underWay.get(row.id);
    if (own === undefined) throw wrongState(summaryOf(this.#parts.state, row).state, 'cancelled from here');
    own.abort();
  }

  /**
   * New hosts side by side; one that fails does not stop the others. Nodes that serve already come first, one after the other,
   * because what has changed of them is restarted: the first failure among them leaves the rest as it is.
   */
  async provision(clusterId: string, hostIds: readonly string[], acceptWarnings: readonly string[], asked: Asked): Promise<RunSummary[]> {
    const { clusters } = this.#parts;
    const cluster = clusters.get(clusterId);
    await this.#parts.refuseWhileRotating(cluster.clusterId);
    // compressed while the hosts are being checked
    this.#parts.payloads.prepare();
    const targets = (await this.nodes.targets(cluster, hostIds)).map((target, _, all) => ({ ...target, acceptWarnings: [...acceptWarnings], joining: all.map(({ hostId }) => hostId) }));
    const [first] = targets;
    if (first !== undefined) clusters.fixBaseUrl(first.clusterId, first.baseUrl);
    const isNode = ({ hostId }: NodeTarget): boolean => cluster.nodes.some((node) => node.hostId === hostId);
    const ended: RunSummary[] = [];
    for (const target of targets.filter(isNode)) {
      const run = await this.#begin('provision', target, asked);
      ended.push(run);
      if (run.state !== 'done') return ended;
    }
    const fresh = await Promise.all(targets.filter((target) => !isNode(target)).map((target) => this.#begin('provision', target, asked)));
    return [...ended, ...fresh];
  }

  /** Drains the node and takes away what was installed. */
  async remove(clusterId: string, nodeId: string, asked: Asked): Promise<RunSummary> {
    return this.#begin('remove', await this.nodes.targetOf(clusterId, nodeId), asked);
  }

  /** Goes on where a run has stopped: every step is looked at again, and applied only where it is not so yet. */
  async resume(runId: string, acceptWarnings: readonly string[], asked: Asked): Promise<RunSummary> {
    const row = findRun(this.#parts.state, runId);
    const { state } = summaryOf(this.#parts.state, row);
    if (state === 'rolled-back' || row.state === 'rolling-back') throw wrongState(state, 'resumed');
    if (row.kind === 'provision') await this.#parts.refuseWhileRotating(row.clusterId);
    if (row.kind !== 'balancer') refuseOvertaken(this.#parts.state, row);
    if (row.kind !== 'provision' && acceptWarnings.length > 0) throw new BulkheadError('ARGUMENT_INVALID', 'Such a run has no warnings that could be accepted');
    this.#claim(row, 'running', state);
    this.#accept(row, acceptWarnings);
    return this.#carryOut(row.id, asked, 'forward');
  }

  /** Takes back what the run has changed, the last first. */
  async rollback(runId: string, asked: Asked): Promise<RunSummary> {
    const row = findRun(this.#parts.state, runId);
    const { state } = summaryOf(this.#parts.state, row);
    const isRemoval = row.kind === 'remove' || (row.kind === 'balancer' && !this.#parts.otherWork(row.target, row.id).canRollBack);
    if (isRemoval || state === 'rolled-back') throw wrongState(isRemoval ? 'a removal' : state, 'rolled back');
    if (row.kind === 'provision') refuseOutdated(this.#parts.state, row);
    this.#claim(row, 'rolling-back', state);
    return this.#carryOut(row.id, asked, 'back');
  }

  #claim(row: RunRow, next: 'running' | 'rolling-back', state: string): void {
    const now = Date.now();
    if (!claimRunRow(this.#parts.state, row.id, next, now, now - silentMs)) throw wrongState(state, next === 'running' ? 'resumed' : 'rolled back');
  }

  /** Kept with the run, so that whoever goes on with it later need not accept it again. */
  #accept({ id, target: stored }: RunRow, names: readonly string[]): void {
    if (names.length === 0) return;
    const target = nodeTarget.parse(JSON.parse(stored));
    setRunTarget(this.#parts.state, id, JSON.stringify({ ...target, acceptWarnings: [...new Set([...target.acceptWarnings, ...names])] }));
  }

  /** Begins a run of another kind, and resolves when it has ended. Where the same was interrupted on that host, goes on with it, towards what is wanted now. */
  other({ kind, clusterId, hostId, name, target }: OtherRun, asked: Asked): Promise<RunSummary> {
    const runId = randomUUID();
    const { steps, subject } = this.#parts.otherWork(target, runId);
    const left = interruptedBalancerRun(this.#parts.state, clusterId, hostId, steps.map(({ id }) => id));
    if (left === undefined || this.#parts.otherWork(left.target, left.id).subject !== subject) {
      this.#insert(runId, { kind, clusterId, hostId, nodeId: name, target }, steps);
      return this.#carryOut(runId, asked, 'forward');
    }
    this.#claim(left, 'running', 'interrupted');
    setRunTarget(this.#parts.state, left.id, target);
    return this.#carryOut(left.id, asked, 'forward');
  }

  async #begin(kind: RunKind, target: NodeTarget, asked: Asked): Promise<RunSummary> {
    const runId = randomUUID();
    const { clusterId, hostId, nodeId } = target;
    this.#insert(runId, { kind, clusterId, hostId, nodeId, target: JSON.stringify(target) }, await this.nodes.steps(kind, target, runId, asked));
    return this.#carryOut(runId, asked, 'forward');
  }

  #insert(id: string, run: Pick<RunRow, 'kind' | 'clusterId' | 'hostId' | 'nodeId' | 'target'>, steps: readonly Step[]): void {
    const now = Date.now();
    insertRunRow(this.#parts.state, { id, ...run, state: 'running', failure: null, startedAt: now, endedAt: null, heartbeatAt: now }, steps.map(({ id: step, title }) => ({ step, title })));
  }

  /** One attempt. Never throws: how it ended is in the record, also when it ended before it could begin. */
  async #carryOut(runId: string, { signal: asked, caller }: Asked, direction: 'forward' | 'back'): Promise<RunSummary> {
    const own = new AbortController();
    const signal = AbortSignal.any([asked, own.signal]);
    const { state, onEnd } = this.#parts;
    let record = this.#recordOf(runId, []);
    const beat = setInterval(() => record.beat(), beatMs);
    this.#underWay.set(runId, own);
    try {
      const row = findRun(state, runId);
      // once more, before secrets are read: a rotation that begins from here on finds this run in the list, and waits
      if (row.kind === 'provision' && direction === 'forward') await this.#parts.refuseWhileRotating(row.clusterId);
      const { secrets, workOn } = await this.#prepare(row, direction, { signal, caller });
      const access = await this.#parts.hosts.access(row.hostId);
      record = this.#recordOf(runId, [...secrets, access.sudoPassword?.reveal()]);
      await this.#attempt(row, direction, { access, record, signal, workOn });
      record.finish(direction === 'back' ? 'rolled-back' : 'done', null);
    } catch (error) {
      const ended: RunState = signal.aborted ? 'cancelled' : 'failed';
      record.finish(ended, (signal.aborted ? new BulkheadError('CANCELLED') : asBulkheadError(error)).toBody());
    } finally {
      clearInterval(beat);
      this.#underWay.delete(runId);
    }
    const ended = summaryOf(state, findRun(state, runId));
    onEnd(ended, caller);
    return ended;
  }

  async #attempt(row: RunRow, direction: 'forward' | 'back', { access, record, signal, workOn }: { access: HostAccess; record: RunRecord; signal: AbortSignal; workOn: WorkOn }): Promise<void> {
    const { payloads, connect } = this.#parts;
    const host = connect(access);
    try {
      const attempt = new Attempt({ host, record, who: `${userInfo().username} on ${hostname()}`, packed: payloads.packed, signal, ...lockOf(this.#parts.state, row) });
      await attempt.lock();
      try {
        const work = await workOn(host);
        await (direction === 'forward' ? attempt.forward(work.steps) : attempt.back(work.steps));
        await work.settle(direction, host, signal);
      } finally {
        // a host that cannot be reached keeps the lock; this run finds it as its own when it is resumed
        await attempt.unlock().catch(() => undefined);
      }
    } finally {
      await host.close().catch(() => undefined);
    }
  }

  #recordOf(runId: string, secrets: RunWork['secrets']): RunRecord {
    return new RunRecord(this.#parts.state, runId, redactor(secrets), () => this.#tell(runId), (upload) => {
      if (upload === null) this.#uploads.delete(runId);
      else this.#uploads.set(runId, upload);
    });
  }

  #prepare(row: RunRow, direction: 'forward' | 'back', asked: Asked): Promise<{ secrets: RunWork['secrets']; workOn: WorkOn }> {
    const { kind } = row;
    if (kind !== 'balancer') return this.nodes.prepare({ ...row, kind }, direction, asked);
    const work = this.#parts.otherWork(row.target, row.id);
    return Promise.resolve({ secrets: work.secrets, workOn: () => Promise.resolve(work) });
  }

  #tell(runId: string): void {
    const row = readRunRow(this.#parts.state, runId);
    if (row !== undefined) this.#changes.send(this.#withUpload(summaryOf(this.#parts.state, row)));
  }

  #withUpload<T extends RunSummary>(run: T): T {
    const upload = this.#uploads.get(run.runId);
    return upload === undefined ? run : { ...run, upload };
  }
}

function wrongState(state: string, act: string): BulkheadError {
  return new BulkheadError('RUN_STATE', `The run is ${state}: it cannot be ${act}`, { details: { state } });
}
