import { randomBytes } from 'node:crypto';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { LanCluster, RotatedSecret, RotationProgress } from '../../contract/index.ts';
import type { HostAccess, Hosts, LanClusters } from '../fleet/index.ts';
import { paths, setDatabasePassword, type RemoteHost } from '../provision/index.ts';
import { CredentialFile } from './credential-file.ts';
import { keyPhases, passwordPhases, type Phase } from './phases.ts';

/** Bytes of a new secret. */
const keyBytes = 48;

export interface RotationParts {
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly connect: (access: HostAccess) => RemoteHost;
  readonly tell: (progress: RotationProgress) => void;
}

export interface Rotated {
  readonly nodes: string[];
  readonly resumed: boolean;
}

/** Where a secret is kept here and on the hosts. */
const places = {
  'cluster-key': { present: 'key', next: 'next-key', file: paths.clusterKey, phases: keyPhases, encoding: 'base64' },
  'database-password': { present: 'database', next: 'next-database', file: paths.databasePassword, phases: passwordPhases, encoding: 'base64url' },
} as const;

/**
 * Replaces a secret of a cluster while all of its nodes serve. The new one is written down here before any node hears of it, and every
 * phase can be done again: whatever interrupts it, running it again finishes it.
 *
 * @throws HOST_UNREACHABLE and what SSH refuses, STEP_FAILED, CREDENTIALS_INVALID (the administrator's password is not known here)
 */
export async function rotate({ hosts, clusters, connect, tell }: RotationParts, cluster: LanCluster, what: RotatedSecret, signal: AbortSignal): Promise<Rotated> {
  const { clusterId, nodes, settings } = cluster;
  const place = places[what];
  const old = await clusters.secret(clusterId, place.present);
  if (old === undefined || nodes.length === 0) throw new BulkheadError('NOT_SUPPORTED', nodes.length === 0 ? 'The cluster has no nodes yet' : 'The cluster uses no such secret');
  const admin = await clusters.secret(clusterId, 'admin');
  if (admin === undefined) throw new BulkheadError('CREDENTIALS_INVALID', 'The administrator\'s password of this cluster is not known here', { hint: 'Store it with "bulkhead cluster password NAME".' });
  const known = await clusters.secret(clusterId, place.next);
  const next = known ?? randomBytes(keyBytes).toString(place.encoding);

  const open: RemoteHost[] = [];
  try {
    const account = { uid: settings.serviceUid, gid: settings.serviceGid };
    const files = await Promise.all(nodes.map(async ({ nodeId, hostId }) => {
      const host = connect(await hosts.access(hostId));
      open.push(host);
      return { nodeId, file: new CredentialFile(host, account, admin, signal) };
    }));
    // all hosts have to be there before anything changes
    await Promise.all(files.map(({ file }) => file.requireReloadable()));
    if (known === undefined) await clusters.setSecret(clusterId, place.next, next);

    const phases: readonly Phase[] = place.phases(old, next);
    for (const [index, { title, lines, thenSetPassword, thenSealed }] of phases.entries()) {
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
  } finally {
    await Promise.all(open.map((host) => host.close().catch(() => undefined)));
  }
  await clusters.setSecret(clusterId, place.present, next);
  clusters.forgetSecret(clusterId, place.next);
  return { nodes: nodes.map(({ nodeId }) => nodeId), resumed: known !== undefined };
}
