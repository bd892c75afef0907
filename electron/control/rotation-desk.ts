import type { Handlers, RotationProgress } from '../contract/index.ts';
import type { HostAccess, Hosts, LanClusters } from './fleet/index.ts';
import type { Journal } from './journal/index.ts';
import type { RemoteHost } from './provision/index.ts';
import { rotate } from './rotation/index.ts';
import { Broadcast } from './streams/index.ts';

export interface RotationDeskParts {
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly journal: Journal;
  readonly connect: (access: HostAccess) => RemoteHost;
}

const words = { 'cluster-key': 'cluster key', 'database-password': 'database password' } as const;

/** New secrets for clusters on hosts; one rotation of a cluster at a time. */
export class RotationDesk {
  readonly handlers: Pick<Handlers, 'clusters.rotate' | 'clusters.rotation'>;
  readonly #progress = new Broadcast<RotationProgress>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor({ hosts, clusters, journal, connect }: RotationDeskParts) {
    const parts = { hosts, clusters, connect, tell: (progress: RotationProgress) => this.#progress.send(progress) };
    this.handlers = {
      'clusters.rotate': async ({ clusterId, what }, { signal, caller }) => {
        const cluster = clusters.get(clusterId);
        const before = this.#underWay.get(cluster.clusterId) ?? Promise.resolve();
        const work = before.catch(() => undefined).then(() => rotate(parts, cluster, what, signal));
        this.#underWay.set(cluster.clusterId, work);
        const note = (message: string, severity: 'info' | 'warning'): void => {
          journal.write({ clusterId: cluster.clusterId, source: 'operator', severity, type: 'cluster.rotate', nodeId: null, message, detail: { what, by: caller } });
        };
        try {
          const rotated = await work;
          note(`The ${words[what]} was replaced on ${rotated.nodes.join(', ')}`, 'info');
          return rotated;
        } catch (error) {
          note(`Replacing the ${words[what]} was interrupted: old and new are valid until it is run again`, 'warning');
          throw error;
        }
      },
      'clusters.rotation': (_, { signal }) => this.#progress.listen(signal),
    };
  }
}
