import { asBulkheadError, BulkheadError, clusterStatus, errorCodes, type ClusterStatus, type DrainNote, type ErrorCode, type UpgradeBegin, type UpgradeHold, type UpgradeWrite } from '../../../server-bundle/contract/index.ts';
import type { LanCluster } from '../../contract/index.ts';
import { refusalOf } from '../provision/index.ts';
import { clusterCommand } from './commands.ts';
import type { HostSet } from './host-set.ts';
import { readRow, type StoredRun } from './record.ts';

/** Codes that speak of the host that was asked, not of the question. */
const otherHostMayAnswer: ReadonlySet<string> = new Set<ErrorCode>([
  'HOST_UNREACHABLE', 'SSH_CONNECTION_LOST', 'SSH_PROTOCOL_FAILED', 'COMMAND_TIMEOUT', 'AUTH_FAILED', 'NO_PRIVILEGE', 'SUDO_PASSWORD_WRONG', 'HOST_KEY_UNKNOWN',
  'HOST_KEY_CHANGED', 'HOST_NOT_FOUND', 'REMOTE_SHELL_UNUSABLE', 'DATABASE_UNAVAILABLE', 'CONFIG_INVALID', 'INTERNAL', 'STEP_FAILED',
]);

/**
 * The cluster, asked through any of its hosts with the configuration that lies there: whether its nodes run, whether their port is open to
 * this machine, and whether this app knows its administrator does not matter.
 */
export class ClusterDoor {
  readonly #cluster: LanCluster;
  readonly #hosts: HostSet;
  /** the host that answered last is asked first */
  #preferred: string | null = null;

  constructor(cluster: LanCluster, hosts: HostSet) {
    this.#cluster = cluster;
    this.#hosts = hosts;
  }

  async status(signal: AbortSignal): Promise<ClusterStatus> {
    return clusterStatus.parse(await this.ask(['status'], signal));
  }

  async begin(run: UpgradeBegin, signal: AbortSignal): Promise<StoredRun> {
    return readRow(await this.ask(['run-begin'], signal, run));
  }

  async take(hold: UpgradeHold, signal: AbortSignal): Promise<StoredRun> {
    return readRow(await this.ask(['run-take'], signal, hold));
  }

  async write(progress: UpgradeWrite, signal: AbortSignal): Promise<StoredRun> {
    return readRow(await this.ask(['run-write'], signal, progress));
  }

  async pause(id: string, signal: AbortSignal): Promise<StoredRun> {
    return readRow(await this.ask(['run-pause'], signal, { id }));
  }

  async runs(signal: AbortSignal): Promise<StoredRun[]> {
    return (await this.status(signal)).runs.map(readRow);
  }

  /** Drains a node until a time; the cluster ends it then. */
  async drain(nodeId: string, drain: { deadlineSeconds: number; untilSeconds: number; waitSeconds: number; kind: DrainNote['kind']; by: string; note: string }, signal: AbortSignal): Promise<void> {
    const { deadlineSeconds, untilSeconds, waitSeconds, kind, by, note } = drain;
    await this.ask([
      'drain', '--node', nodeId, '--deadline', String(deadlineSeconds), '--until', String(untilSeconds), '--wait', String(waitSeconds), '--kind', kind, '--by', by, `--note=${note}`,
    ], signal, undefined, (waitSeconds + 30) * 1000);
  }

  async undrain(nodeId: string, waitSeconds: number, signal: AbortSignal): Promise<void> {
    await this.ask(['undrain', '--node', nodeId, '--wait', String(waitSeconds)], signal, undefined, (waitSeconds + 30) * 1000);
  }

  async forget(nodeId: string, by: string, signal: AbortSignal): Promise<void> {
    await this.ask(['forget', '--node', nodeId, '--by', by], signal);
  }

  /** Asks one host after the other until one can answer. Throws what the cluster said, or why the last host could not be asked. */
  async ask(argv: readonly string[], signal: AbortSignal, input?: unknown, timeoutMs?: number): Promise<unknown> {
    const { nodes, settings: { serviceUid: uid, serviceGid: gid } } = this.#cluster;
    const hostIds = nodes.map(({ hostId }) => hostId).sort((a, b) => Number(b === this.#preferred) - Number(a === this.#preferred));
    let failure = new BulkheadError('CLUSTER_UNREACHABLE', 'The cluster has no host that could be asked');
    for (const hostId of hostIds) {
      try {
        const host = await this.#hosts.host(hostId);
        const { exitCode, stdout, stderr } = await host.run(clusterCommand({ uid, gid }, argv, input, timeoutMs), signal);
        if (exitCode !== 0) throw saidBy(stderr);
        this.#preferred = hostId;
        return JSON.parse(stdout);
      } catch (error) {
        signal.throwIfAborted();
        failure = asBulkheadError(error);
        if (!otherHostMayAnswer.has(failure.code)) throw failure;
      }
    }
    throw failure;
  }
}

function saidBy(stderr: string): BulkheadError {
  const { code, message, hint } = refusalOf(stderr);
  const known = code in errorCodes ? code as ErrorCode : 'STEP_FAILED';
  return new BulkheadError(known, message, { hint });
}
