import type { MeshMessage } from './messages.ts';

/** The incarnation at the other end of a link. */
export interface Peer {
  readonly incarnation: string;
  readonly nodeId: string;
  /** what it can do beyond the first version */
  readonly features?: readonly string[];
}

export interface MeshListener {
  opened?(peer: Peer): void;
  closed?(peer: Peer): void;
  message?(peer: Peer, message: MeshMessage): void;
}

/** Links between members as coherence and leadership see them; in memory in their tests. */
export interface Mesh {
  isLinked(incarnation: string): boolean;
  /** False when there is no link; true says nothing about arrival. Messages of one link arrive in order or not at all. */
  send(incarnation: string, message: MeshMessage): boolean;
  broadcast(message: MeshMessage): void;
  listen(listener: MeshListener): void;
}
