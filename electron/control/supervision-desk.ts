import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { Handlers, NodeDetails, WatchedHost } from '../contract/index.ts';
import type { ClusterWatches } from './cluster-watches.ts';
import type { DemoDesk } from './demo-desk.ts';
import { demoClusterId, type Hosts, type LanClusters } from './fleet/index.ts';
import type { HostLinks } from './host-link/index.ts';
import { followHostJournal, followLog, journalLines, type JournalQuestion } from './logs/index.ts';
import { unitName } from './provision/index.ts';
import { Snapshot } from './streams/index.ts';
import { vitalsOf } from './supervise/index.ts';

export type SupervisionOperation = 'nodes.details' | 'hosts.watch' | 'nodes.journal' | 'node.log' | 'clusters.list' | 'clusters.watch' | 'topology.watch';

export interface SupervisionDeskParts {
  readonly desk: DemoDesk;
  readonly watches: ClusterWatches;
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly links: HostLinks;
}

/** Between two pictures of all hosts, milliseconds, while nothing else changes. */
const hostsMs = 1000;

/** What is known of clusters, nodes and hosts, live. */
export class SupervisionDesk {
  readonly handlers: Pick<Handlers, SupervisionOperation>;
  readonly #parts: SupervisionDeskParts;

  constructor(parts: SupervisionDeskParts) {
    this.#parts = parts;
    const { watches, desk } = parts;
    this.handlers = {
      'clusters.list': () => watches.list(),
      'clusters.watch': (_, { signal }) => watches.watchList(signal),
      'topology.watch': ({ clusterId }, { signal }) => watches.watchTopology(clusterId, signal),
      'nodes.details': ({ clusterId, nodeId }, { signal }) => this.#details(clusterId, nodeId, signal),
      'hosts.watch': (_, { signal }) => this.#watchHosts(signal),
      'node.log': ({ clusterId, nodeId }, { signal }) => {
        if (clusterId !== demoClusterId) return followHostJournal(() => parts.links.link(this.#hostOf(clusterId, nodeId)).session(), unitName, signal);
        if (!desk.watch.knows(nodeId)) throw new BulkheadError('NODE_NOT_FOUND', undefined, { details: { nodeId } });
        return followLog(desk.demo.folder.logFile(nodeId), signal);
      },
      'nodes.journal': async ({ clusterId, nodeId, lines, search, since }, { signal }) => ({ lines: await this.#journal(clusterId, nodeId, { lines, search, since }, signal) }),
    };
  }

  #details(clusterId: string, nodeId: string, signal: AbortSignal): AsyncGenerator<NodeDetails> {
    const { watches } = this.#parts;
    const watch = watches.of(clusterId);
    // a watch that has just begun has no picture yet; the inventory knows its nodes all the same
    const isThere = clusterId === demoClusterId ? watch.knows(nodeId) : watches.lan(clusterId).nodes.some((node) => node.nodeId === nodeId) || watch.knows(nodeId);
    if (!isThere) throw new BulkheadError('NODE_NOT_FOUND', `The cluster has no node "${nodeId}"`);
    return watch.details(nodeId, signal);
  }

  #hostOf(clusterId: string, nodeId: string): string {
    const node = this.#parts.watches.lan(clusterId).nodes.find((each) => each.nodeId === nodeId);
    if (node === undefined) throw new BulkheadError('NODE_NOT_FOUND', `The cluster has no node "${nodeId}"`);
    return node.hostId;
  }

  async #journal(clusterId: string, nodeId: string, question: JournalQuestion, signal: AbortSignal): Promise<string[]> {
    const session = await this.#parts.links.link(this.#hostOf(clusterId, nodeId)).session();
    const { stdout } = await session.run(journalLines(unitName, question), { sudo: true, signal, maxOutputBytes: 8 * 1024 * 1024 });
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** All hosts of the inventory, each connected for as long as this is read. */
  async* #watchHosts(signal: AbortSignal): AsyncGenerator<WatchedHost[]> {
    const { links, hosts } = this.#parts;
    const held = new Map<string, () => void>();
    const picture = new Snapshot<WatchedHost[]>([]);
    const draw = (): void => {
      const present = hosts.list();
      for (const { hostId } of present) if (!held.has(hostId)) held.set(hostId, links.holdFor(hostId, () => true));
      const ids = new Set(present.map(({ hostId }) => hostId));
      for (const [hostId, release] of held) {
        if (ids.has(hostId)) continue;
        release();
        held.delete(hostId);
      }
      picture.set(present.map(({ hostId, name, address }) => this.#host(hostId, name, address)));
    };
    draw();
    const timer = setInterval(draw, hostsMs);
    try {
      yield* picture.watch(signal);
    } finally {
      clearInterval(timer);
      for (const release of held.values()) release();
    }
  }

  #host(hostId: string, name: string, address: string): WatchedHost {
    const { links, clusters } = this.#parts;
    const link = links.link(hostId).state.value;
    const { reachability, since, problem, vitals } = link;
    return {
      hostId, name, address, node: clusters.nodeOn(hostId), reachability, since, problem,
      roundTripMs: vitals === null ? null : Math.round(vitals.roundTripMs),
      facts: vitalsOf({ now: performance.now(), wallClock: Date.now() }, link),
    };
  }
}
