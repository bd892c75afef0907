import { hostname, userInfo } from 'node:os';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { lockedByOther, refusalOf, releaseLock, takeLock, type RemoteHost } from '../provision/index.ts';

/** A lock that is older was left behind, minutes: a phase takes seconds on each host. */
const staleMinutes = 15;

export interface LockedHost {
  readonly nodeId: string;
  readonly host: RemoteHost;
}

/**
 * Keeps runs, upgrades and rotations of other desktops away from all of these hosts while `work` is under way: a new secret that meets another
 * new secret would part the nodes. Throws HOST_LOCKED with who is at it.
 */
export async function withLocks<T>(locked: readonly LockedHost[], id: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const taken: RemoteHost[] = [];
  try {
    for (const { nodeId, host } of locked) {
      const { exitCode, stdout, stderr } = await host.run(takeLock({ runId: id, who: `${userInfo().username} on ${hostname()}`, since: Date.now() }, staleMinutes), signal);
      if (exitCode === lockedByOther) throw new BulkheadError('HOST_LOCKED', `Somebody works on the host of ${nodeId}: ${stdout.trim()}`);
      if (exitCode !== 0) throw new BulkheadError('STEP_FAILED', `The host of ${nodeId} cannot be locked: ${refusalOf(stderr).message}`);
      taken.push(host);
    }
    return await work();
  } finally {
    // also when it was cancelled; a host that cannot be reached keeps the lock, and this rotation finds it as its own when it goes on
    await Promise.all(taken.map((host) => host.run(releaseLock(id), AbortSignal.timeout(10_000)).catch(() => undefined)));
  }
}
