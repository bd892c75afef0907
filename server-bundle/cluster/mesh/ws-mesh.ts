import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { openLink, type Link, type LinkIdentity, type LinkLimits } from './link.ts';
import type { MeshMessage } from './messages.ts';
import type { Mesh, MeshListener, Peer } from './peer.ts';

export const meshPath = '/artifactory/api/v1/mesh';
const maxPayload = 16 * 1024 * 1024;
/** Sockets that have not proven themselves yet; further ones are refused. */
const maxGreeting = 64;

export interface Reachable extends Peer {
  readonly url: string;
}

/** One link to each other member, dialed again when it breaks, until `close`. */
export class WsMesh implements Mesh {
  readonly #own: LinkIdentity;
  readonly #limits: LinkLimits;
  readonly #links = new Map<string, { readonly link: Link; readonly at: number }>();
  readonly #listeners: MeshListener[] = [];
  readonly #server = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  readonly #dialing = new Set<string>();
  #members: readonly Reachable[] = [];
  #greeting = 0;
  #closed = false;
  #redial: NodeJS.Timeout | undefined;

  constructor(own: LinkIdentity, limits: LinkLimits) {
    this.#own = own;
    this.#limits = limits;
  }

  listen(listener: MeshListener): void {
    this.#listeners.push(listener);
  }

  isLinked(incarnation: string): boolean {
    return this.#links.has(incarnation);
  }

  send(incarnation: string, message: MeshMessage): boolean {
    return this.#links.get(incarnation)?.link.send(message) ?? false;
  }

  broadcast(message: MeshMessage): void {
    for (const { link } of [...this.#links.values()]) link.send(message);
  }

  /**
   * The live members by a heartbeat sent at `asOf` (performance.now): missing links are dialed, links to others are closed
   * unless they are younger than that heartbeat.
   */
  setMembers(members: readonly Reachable[], asOf: number): void {
    this.#members = members.filter((member) => member.incarnation !== this.#own.incarnation);
    const live = new Set(this.#members.map((member) => member.incarnation));
    for (const [incarnation, { link, at }] of [...this.#links]) if (!live.has(incarnation) && at < asOf) link.close();
    this.#dialMissing();
  }

  /** Dials those that are missing and resolves when each has a link or was tried in vain. */
  async dialAll(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#dial(member)));
  }

  #dialMissing(): void {
    for (const member of this.#members) void this.#dial(member);
  }

  async #dial(member: Reachable): Promise<void> {
    if (this.#closed || this.isLinked(member.incarnation) || this.#dialing.has(member.incarnation)) return;
    this.#dialing.add(member.incarnation);
    try {
      const address = `${member.url.replace(/^http/, 'ws').replace(/\/+$/, '')}${meshPath}`;
      const socket = new WebSocket(address, { maxPayload, perMessageDeflate: false, handshakeTimeout: this.#limits.handshakeMs, followRedirects: false });
      this.#admit(await openLink(socket, 'dialer', this.#own, member.incarnation, this.#limits));
    } catch {
      this.#dialSoon();
    } finally {
      this.#dialing.delete(member.incarnation);
    }
  }

  #dialSoon(): void {
    if (this.#closed || this.#redial !== undefined) return;
    this.#redial = setTimeout(() => {
      this.#redial = undefined;
      this.#dialMissing();
    }, 100);
  }

  /** Takes a socket that asks for the mesh on this node's own port. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#closed || socket.destroyed || this.#greeting >= maxGreeting) {
      socket.destroy();
      return;
    }
    this.#greeting += 1;
    let isGreeting = true;
    const done = (): void => {
      if (isGreeting) this.#greeting -= 1;
      isGreeting = false;
    };
    // a request that is no handshake is refused without a word to this side
    socket.once('close', done);
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      openLink(opened, 'acceptor', this.#own, null, this.#limits).then((link) => { this.#admit(link); }, () => undefined).finally(done);
    });
  }

  /** Both sides keep the same one of two links: that of the smaller dialer, and of the same dialer the newer one. */
  #admit(link: Link): void {
    const { incarnation } = link.peer;
    const present = this.#links.get(incarnation)?.link;
    if (this.#closed || (present !== undefined && present.dialedBy < link.dialedBy)) {
      link.close();
      return;
    }
    this.#links.set(incarnation, { link, at: performance.now() });
    if (present !== undefined) {
      present.onClose = () => undefined;
      present.onMessage = () => undefined;
      present.close();
      this.#tell((listener) => listener.closed?.(link.peer));
    }
    link.onMessage = (message) => { this.#tell((listener) => listener.message?.(link.peer, message)); };
    link.onClose = () => {
      if (this.#links.get(incarnation)?.link !== link) return;
      this.#links.delete(incarnation);
      this.#tell((listener) => listener.closed?.(link.peer));
      this.#dialSoon();
    };
    this.#tell((listener) => listener.opened?.(link.peer));
    link.start();
  }

  #tell(what: (listener: MeshListener) => void): void {
    for (const listener of this.#listeners) what(listener);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#redial);
    for (const { link } of [...this.#links.values()]) {
      link.onClose = () => undefined;
      link.close();
    }
    this.#links.clear();
    this.#server.close();
  }
}
