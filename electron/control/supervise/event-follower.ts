import type { Dispatcher } from 'undici';
import type { ClusterEvent } from '../../../server-bundle/contract/index.ts';
import type { Journal, NewEntry } from '../journal/index.ts';
import { NodeApi, type ClusterAccess, type NodeAddress } from '../node-api/index.ts';

const retryMs = 500;

const severities: Partial<Record<ClusterEvent['type'], NewEntry['severity']>> = {
  'node.lost': 'bad', 'collection.locked': 'bad', 'database.changed': 'warning', 'node.refused': 'warning', 'right.revoked': 'warning',
  'master.released': 'info', 'node.draining': 'info',
};

/** An alert says itself how bad it is. */
function severityOf({ type, detail }: ClusterEvent): NewEntry['severity'] {
  if (type === 'alert.raised') return detail['severity'] === 'bad' ? 'bad' : 'warning';
  return severities[type] ?? 'info';
}

/** Follows the events of one cluster at one of its nodes, and writes them into the journal. */
export class EventFollower {
  readonly #access: ClusterAccess;
  readonly #agent: Dispatcher;
  readonly #journal: Journal;
  readonly #onEvent: () => void;
  #following: { readonly nodeId: string; readonly abort: AbortController } | null = null;
  #nextAttemptAt = 0;

  constructor(access: ClusterAccess, agent: Dispatcher, journal: Journal, onEvent: () => void) {
    this.#access = access;
    this.#agent = agent;
    this.#journal = journal;
    this.#onEvent = onEvent;
  }

  /**
   * Called on every round: follows one of `candidates`, and another one when the followed node is not among them any more.
   * @param cluster the cluster's own uuid; null while it is not known
   */
  steer(cluster: string | null, candidates: readonly NodeAddress[]): void {
    if (this.#following !== null && !candidates.some((node) => node.nodeId === this.#following?.nodeId)) this.stop();
    const node = candidates[0];
    if (this.#following !== null || cluster === null || node === undefined || performance.now() < this.#nextAttemptAt) return;
    this.#nextAttemptAt = performance.now() + retryMs;
    const abort = new AbortController();
    const following = { nodeId: node.nodeId, abort };
    this.#following = following;
    void this.#follow(cluster, node, abort.signal).catch(() => undefined).finally(() => {
      if (this.#following === following) this.#following = null;
    });
  }

  stop(): void {
    this.#following?.abort.abort();
    this.#following = null;
  }

  async #follow(cluster: string, node: NodeAddress, signal: AbortSignal): Promise<void> {
    const api = new NodeApi(node, await this.#access.credentials(), this.#agent);
    for await (const item of api.events(this.#journal.lastSeq(cluster), signal)) {
      const { clusterId } = this.#access;
      if (item.kind === 'gap') {
        const { from, to } = item;
        const origin = { cluster: `${cluster}/gap`, seq: to };
        this.#journal.write({
          clusterId, source: 'observed', severity: 'warning', type: 'events.gap', nodeId: null, origin,
          message: `Events ${from} to ${to} of the cluster are not kept any more`, detail: { from, to },
        });
        continue;
      }
      const { seq, at, type, nodeId, message, detail } = item.event;
      this.#journal.write({
        clusterId, source: 'cluster', severity: severityOf(item.event), type, nodeId, message, detail, at: Date.parse(at), origin: { cluster, seq },
      });
      this.#onEvent();
    }
  }
}
