import type { MeshMessage } from './messages.ts';
import type { Mesh, MeshListener, Peer } from './peer.ts';

/** Links of one member in memory; messages arrive in order, a moment later, unless they are kept back. */
export class MemoryMesh implements Mesh {
  readonly #self: Peer;
  readonly #links = new Map<string, MemoryMesh>();
  readonly #listeners: MeshListener[] = [];
  /** while set, what arrives here waits: a process that is stopped */
  #frozen: (() => void)[] | null = null;

  constructor(self: Peer) {
    this.#self = self;
  }

  listen(listener: MeshListener): void {
    this.#listeners.push(listener);
  }

  isLinked(incarnation: string): boolean {
    return this.#links.has(incarnation);
  }

  send(incarnation: string, message: MeshMessage): boolean {
    const other = this.#links.get(incarnation);
    if (other === undefined) return false;
    const copy = structuredClone(message);
    setImmediate(() => { if (this.#links.get(incarnation) === other) other.#arrive(this.#self, copy); });
    return true;
  }

  #arrive(from: Peer, message: MeshMessage): void {
    const deliver = (): void => { for (const listener of this.#listeners) listener.message?.(from, message); };
    if (this.#frozen === null) deliver();
    else this.#frozen.push(deliver);
  }

  broadcast(message: MeshMessage): void {
    for (const incarnation of this.#links.keys()) this.send(incarnation, message);
  }

  link(other: MemoryMesh): void {
    this.#links.set(other.#self.incarnation, other);
    other.#links.set(this.#self.incarnation, this);
    for (const listener of this.#listeners) listener.opened?.(other.#self);
    for (const listener of other.#listeners) listener.opened?.(this.#self);
  }

  unlink(other: MemoryMesh): void {
    this.#links.delete(other.#self.incarnation);
    other.#links.delete(this.#self.incarnation);
    for (const listener of this.#listeners) listener.closed?.(other.#self);
    for (const listener of other.#listeners) listener.closed?.(this.#self);
  }

  freeze(): void {
    this.#frozen ??= [];
  }

  thaw(): void {
    const waiting = this.#frozen ?? [];
    this.#frozen = null;
    for (const deliver of waiting) deliver();
  }
}
