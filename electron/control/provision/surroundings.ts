import { createHash } from 'node:crypto';
import type { DatabaseFacts, DatabaseTrial } from '../../contract/index.ts';
import type { HostAccess, Hosts, LanClusters } from '../fleet/index.ts';
import type { DatabaseLook, OtherHost } from '../preflight/index.ts';
import { lookAtDatabase } from './database-look.ts';
import { asRoot } from './remote-command.ts';
import type { RemoteHost } from './remote-host.ts';
import type { NodeTarget } from './target.ts';

/** Of the nodes that serve, and of those that come with this one: more would tell nothing new. */
const mostNodes = 8;
const mostJoining = 2;
/** How long another host may take to let us in, milliseconds: one that is down is nobody to ask. */
const patienceMs = 10_000;

export interface SurroundingsParts {
  readonly hosts: Pick<Hosts, 'access'>;
  readonly clusters: Pick<LanClusters, 'list' | 'secret'>;
  readonly connect: (access: HostAccess) => RemoteHost;
  /** signs in from this machine */
  readonly tryDatabase: (trial: DatabaseTrial, signal: AbortSignal) => Promise<DatabaseFacts>;
  /** hosts that balance for a cluster, by id */
  readonly balancersOf: (clusterId: string) => readonly string[];
}

/** What a planned node will have to do with, as far as it answers. Close it when all was asked. */
export interface Surroundings {
  readonly others: readonly OtherHost[];
  database(): Promise<DatabaseLook>;
  clusterKeyDigest(): Promise<string | null>;
  close(): Promise<void>;
}

interface Candidate {
  readonly hostId: string;
  readonly role: OtherHost['role'];
  readonly url: string | null;
}

/**
 * Connects to the other hosts of a cluster.
 * @param host the one that is checked
 * @param password of the database, when it is not kept with the cluster yet
 */
export async function lookAround(parts: SurroundingsParts, target: NodeTarget, host: RemoteHost, signal: AbortSignal, password?: string): Promise<Surroundings> {
  const open: RemoteHost[] = [];
  const found = await Promise.all(candidates(parts, target).map(async ({ hostId, role, url }): Promise<OtherHost[]> => {
    try {
      const access = await parts.hosts.access(hostId);
      const other = parts.connect(access);
      open.push(other);
      await other.run(asRoot('true'), AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
      return [{ name: access.name, role, url, probe: (...argv) => other.run(asRoot(...argv), signal) }];
    } catch {
      signal.throwIfAborted();
      return [];
    }
  }));
  let look: Promise<DatabaseLook> | null = null;
  return {
    others: found.flat(),
    database: () => {
      look ??= (async () => lookAtDatabase(host, target, password ?? await parts.clusters.secret(target.clusterId, 'database'), parts.tryDatabase, signal))();
      return look;
    },
    clusterKeyDigest: async () => digestOf(await parts.clusters.secret(target.clusterId, 'key')),
    close: async () => { await Promise.all(open.map((each) => each.close().catch(() => undefined))); },
  };
}

function candidates({ clusters, balancersOf }: SurroundingsParts, { clusterId, hostId, joining }: NodeTarget): Candidate[] {
  const cluster = clusters.list().find((each) => each.clusterId === clusterId);
  const nodes = (cluster?.nodes ?? []).filter((node) => node.hostId !== hostId);
  const isNode = (id: string): boolean => cluster?.nodes.some((node) => node.hostId === id) === true;
  // in a ring, so that everybody is asked by somebody
  const at = joining.indexOf(hostId);
  const next = [...joining.slice(at + 1), ...joining.slice(0, Math.max(0, at))].filter((id) => id !== hostId && !isNode(id));
  return [
    ...nodes.slice(0, mostNodes).map((node): Candidate => ({ hostId: node.hostId, role: 'node', url: node.url })),
    ...next.slice(0, mostJoining).map((id): Candidate => ({ hostId: id, role: 'joining', url: null })),
    ...balancersOf(clusterId).filter((id) => id !== hostId).map((id): Candidate => ({ hostId: id, role: 'balancer', url: null })),
  ];
}

function digestOf(secret: string | undefined): string | null {
  return secret === undefined ? null : createHash('sha256').update(secret).digest('hex');
}

/** For a look at a host alone. */
export const alone: Pick<Surroundings, 'others' | 'database' | 'clusterKeyDigest'> = {
  others: [],
  database: () => Promise.resolve({ kind: 'later', reason: 'nobody has asked it' }),
  clusterKeyDigest: () => Promise.resolve(null),
};
