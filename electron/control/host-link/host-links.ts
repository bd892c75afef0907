import type { Duplex } from 'node:stream';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { SshSession } from '../ssh/index.ts';
import type { FactsTarget } from './facts-script.ts';
import { HostLink } from './host-link.ts';
import { NodeRoad } from './node-road.ts';

export interface HostLinksOptions {
  readonly open: (hostId: string, signal: AbortSignal) => Promise<SshSession>;
  /** what to ask a host about */
  readonly target: (hostId: string) => FactsTarget;
  /** path of the runtime on a host */
  readonly runtime: string;
}

/** All kept connections to hosts, one for each, and the ways to nodes that lead through them. */
export class HostLinks {
  readonly #options: HostLinksOptions;
  readonly #links = new Map<string, HostLink>();
  /** by "host:port" as in the node's address */
  readonly #roads = new Map<string, NodeRoad>();
  #isClosed = false;

  constructor(options: HostLinksOptions) {
    this.#options = options;
  }

  link(hostId: string): HostLink {
    if (this.#isClosed) throw new BulkheadError('CANCELLED');
    const present = this.#links.get(hostId);
    if (present !== undefined) return present;
    const link = new HostLink({ hostId, open: (signal) => this.#options.open(hostId, signal), target: () => this.#options.target(hostId) });
    this.#links.set(hostId, link);
    return link;
  }

  /** Keeps the link to a host up until the returned function is called. */
  holdFor(hostId: string, isWatched: () => boolean): () => void {
    // a copy of its own: of two holders with the same function none lets go for both
    return this.link(hostId).hold(() => isWatched());
  }

  /** After a change to the host's entry: connects anew at once, if there is a connection to make. */
  async renew(hostId: string): Promise<void> {
    await this.#links.get(hostId)?.renew();
  }

  /** The way to a node on that host; made when it is first asked for. */
  road(hostId: string, url: string): NodeRoad {
    const key = new URL(url).host;
    const present = this.#roads.get(key);
    if (present !== undefined) return present;
    const road = new NodeRoad(url, this.link(hostId), this.#options.runtime);
    this.#roads.set(key, road);
    return road;
  }

  /** For the agent that asks nodes: undefined when the address is that of no known node. */
  find(host: string): (() => Promise<Duplex>) | undefined {
    const road = this.#roads.get(host);
    return road === undefined ? undefined : () => road.connect();
  }

  /** Tries every host again that was refused: what was trusted may be a host on its way. */
  retryRefused(): void {
    for (const link of this.#links.values()) if (link.state.value.reachability === 'refused') link.retry();
  }

  /** Lets go of hosts and nodes that are not in the inventory any more. */
  async keepOnly(hostIds: ReadonlySet<string>, urls: ReadonlySet<string>): Promise<void> {
    const hosts = new Set([...urls].map((url) => new URL(url).host));
    for (const key of this.#roads.keys()) if (!hosts.has(key)) this.#roads.delete(key);
    const gone = [...this.#links].filter(([hostId]) => !hostIds.has(hostId));
    for (const [hostId] of gone) this.#links.delete(hostId);
    await Promise.all(gone.map(([, link]) => link.close()));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }
}
