import { randomBytes } from 'node:crypto';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { LanCluster, RotatedSecret, RotationProgress } from '../../contract/index.ts';
import type { HostAccess, Hosts, LanClusters } from '../fleet/index.ts';
import { paths, setDatabasePassword, type RemoteHost } from '../provision/index.ts';
import { CredentialFile } from './credential-file.ts';
import { withLocks } from './host-locks.ts';
import { keyPhases, passwordPhases, type Phase } from './phases.ts';

/** Bytes of a new secret. */
const keyBytes = 48;

export interface RotationParts {
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly connect: (access: HostAccess) => RemoteHost;
  readonly tell: (progress: RotationProgress) => void;
  /** what the hosts are locked with; the same when an attempt goes on */
  readonly lockId: string;
}

export interface Rotated {
  readonly nodes: string[];
  readonly resumed: boolean;
}

/** Where a secret is kept here and on the hosts. */
export const places = {
  'cluster-key': { present: 'key', next: 'next-key', file: paths.clusterKey, phases: keyPhases, encoding: 'base64' },
  'database-password': { present: 'database', next: 'next-database', file: paths.databasePassword, phases: passwordPhases, encoding: 'base64url' },
} as const;

/**
 * Replaces a secret of a cluster while all of its nodes serve. The new one is written down here before any node hears of it, and every
 * phase can be done again: whatever interrupts it, running it again finishes it.
 *
 * @throws HOST_UNREACHABLE and what SSH refuses, STEP_FAILED, HOST_LOCKED, CREDENTIALS_INVALID (the administrator's password is not known here, or
 * another desktop has replaced the secret)
 */
export async function rotate({ hosts, clusters, connect, tell, lockId }: RotationParts, cluster: LanCluster, what: RotatedSecret, signal: AbortSignal): Promise<Rotated> {
  const { clusterId, settings } = cluster;
  // in an order that anybody can follow
  const nodes = cluster.nodes.toSorted((a, b) => a.nodeId.localeCompare(b.nodeId, 'en', { numeric: true }));
  const place = places[what];
  const problem = await rotationProblem(clusters, cluster, what);
  if (problem !== null) throw problem;
  const old = await clusters.secret(clusterId, place.present) ?? '';
  const admin = await clusters.secret(clusterId, 'admin') ?? '';
  const known = await clusters.secret(clusterId, place.next);
  const next = known ?? randomBytes(keyBytes).toString(place.encoding);

  const open: RemoteHost[] = [];
  try {
    const account = { uid: settings.serviceUid, gid: settings.serviceGid };
    const files = await Promise.all(nodes.map(async ({ nodeId, hostId }) => {
      const host = connect(await hosts.access(hostId));
      open.push(host);
      return { nodeId, host, file: new CredentialFile(host, account, admin, signal) };
    }));
    // all hosts have to be there before anything changes
    await Promise.all(files.map(({ file }) => file.requireReloadable()));
    await withLocks(files, lockId, signal, async () => {
      await Promise.all(files.map(({ nodeId, file }) => file.requireOnly(place.file, known === undefined ? [old] : [old, next], nodeId)));
      if (known === undefined) await clusters.setSecret(clusterId, place.next, next);
      const phases: readonly Phase[] = place.phases(old, next);
      const from = known === undefined ? 0 : await reachedBy(files.map(({ file }) => file), place.file, phases);
      for (const [index, { title, lines, thenSetPassword, thenSealed }] of phases.entries()) {
        if (index < from) continue;
        const progress = { clusterId, what, phase: index + 1, phases: phases.length, title };
        tell({ ...progress, nodeId: null });
        for (const { nodeId, file } of files) {
          signal.throwIfAborted();
          await file.give(place.file, lines);
          tell({ ...progress, nodeId });
        }
        if (thenSealed === true) for (const { file } of files) await file.untilSealed();
        if (thenSetPassword === true) await files[0]?.file.succeed(setDatabasePassword(account.uid, account.gid, next));
      }
    });
  } finally {
    await Promise.all(open.map((host) => host.close().catch(() => undefined)));
  }
  await clusters.setSecret(clusterId, place.present, next);
  clusters.forgetSecret(clusterId, place.next);
  return { nodes: nodes.map(({ nodeId }) => nodeId), resumed: known !== undefined };
}

/**
 * Where to go on: at the phase that every node has reached. From the beginning it would give the old secret back its place on nodes whose neighbours
 * have forgotten it.
 */
async function reachedBy(files: readonly CredentialFile[], path: string, phases: readonly Phase[]): Promise<number> {
  const reached = await Promise.all(files.map(async (file) => {
    for (const [index, { lines }] of phases.entries()) if (await file.isSo(path, lines)) return index;
    return 0;
  }));
  return Math.min(...reached);
}

/** Why a secret cannot be replaced; null when it can. No host is asked. */
export async function rotationProblem(clusters: LanClusters, { clusterId, nodes }: LanCluster, what: RotatedSecret): Promise<BulkheadError | null> {
  if (nodes.length === 0) return new BulkheadError('NOT_SUPPORTED', 'The cluster has no nodes yet', { hint: 'Provision one first.' });
  if (await clusters.secret(clusterId, places[what].present) === undefined) return new BulkheadError('NOT_SUPPORTED', 'The cluster uses no such secret', { hint: 'There is nothing to replace.' });
  if (await clusters.secret(clusterId, 'admin') !== undefined) return null;
  return new BulkheadError('CREDENTIALS_INVALID', 'The administrator\'s password of this cluster is not known here', { hint: 'Store it with "bulkhead cluster password NAME".' });
}
