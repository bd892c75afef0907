import { randomBytes } from 'node:crypto';
import type { LanClusters } from '../fleet/index.ts';
import type { AdminVault } from './steps/first-admin.ts';

/** The passwords of clusters' administrators, among the other secrets of the app. */
export class AdminVaults {
  readonly #clusters: LanClusters;
  /** the latest work on each cluster's */
  readonly #latest = new Map<string, Promise<unknown>>();

  constructor(clusters: LanClusters) {
    this.#clusters = clusters;
  }

  of(clusterId: string): AdminVault {
    const clusters = this.#clusters;
    return {
      read: () => clusters.secret(clusterId, 'admin'),
      prepare: async () => {
        const begun = await clusters.secret(clusterId, 'next-admin');
        if (begun !== undefined) return begun;
        const password = randomBytes(18).toString('base64url');
        await clusters.setSecret(clusterId, 'next-admin', password);
        return password;
      },
      write: async (password) => {
        await clusters.setSecret(clusterId, 'admin', password);
        clusters.forgetSecret(clusterId, 'next-admin');
      },
      exclusively: (work) => {
        const next = (this.#latest.get(clusterId) ?? Promise.resolve()).then(work, work);
        this.#latest.set(clusterId, next);
        return next;
      },
    };
  }
}
