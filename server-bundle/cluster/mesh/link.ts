import type { WebSocket } from 'ws';
import { z } from 'zod';
import { Inbox } from './inbox.ts';
import { isProof, proofOf, type Role } from '../../security/cluster-proof.ts';
import type { ClusterKeys } from '../../security/rotating-secrets.ts';
import { newNonce, readHello } from './handshake.ts';
import { isKnown, laterMessage, meshFeatures, meshMessage, type Hello, type MeshMessage } from './messages.ts';
import type { Peer } from './peer.ts';

export interface LinkIdentity extends Peer {
  readonly cluster: string;
  readonly version: string;
  readonly keys: ClusterKeys;
}

export interface LinkLimits {
  readonly handshakeMs: number;
  readonly pingMs: number;
  /** nothing heard for this long: the link is given up */
  readonly silenceMs: number;
}

const frame = z.strictObject({ n: z.number().int().positive(), m: z.union([meshMessage, laterMessage]) });
const proof = z.strictObject({ proof: z.string().length(64) });
const answer = z.strictObject({ hello: z.string().max(1024), proof: z.string().length(64) });
const longestGreeting = 4096;
/** More than this not yet written: the peer does not read, the link is given up. */
const longestBacklog = 64 * 1024 * 1024;

/** An authenticated link to one incarnation. Frames are numbered: a missing one ends the link. */
export class Link {
  readonly peer: Peer;
  /** whose side dialed: of two links of a pair the one that the smaller incarnation dialed wins */
  readonly dialedBy: string;
  onMessage: (message: MeshMessage) => void = () => undefined;
  onClose: () => void = () => undefined;
  readonly #socket: WebSocket;
  readonly #inbox: Inbox;
  #sent = 0;
  #received = 0;
  #heardAt = performance.now();
  #closed = false;
  readonly #pinger: NodeJS.Timeout;

  constructor(socket: WebSocket, inbox: Inbox, peer: Peer, dialedBy: string, limits: LinkLimits) {
    this.#socket = socket;
    this.#inbox = inbox;
    this.peer = peer;
    this.dialedBy = dialedBy;
    socket.on('pong', () => { this.#heardAt = performance.now(); });
    socket.on('ping', () => { this.#heardAt = performance.now(); });
    socket.on('close', () => { this.close(); });
    let pingedAt = performance.now();
    this.#pinger = setInterval(() => {
      const now = performance.now();
      // a process that was stopped itself has heard nothing either: the peer gets a whole period first
      const stoodStill = now - pingedAt > limits.pingMs * 2;
      pingedAt = now;
      if (stoodStill) this.#heardAt = now;
      if (now - this.#heardAt > limits.silenceMs) this.close();
      else socket.ping();
    }, limits.pingMs);
  }

  /** Delivers what has arrived and what arrives from now on. */
  start(): void {
    this.#inbox.deliverTo((text) => { this.#take(text); });
  }

  send(message: MeshMessage): boolean {
    if (this.#closed || this.#socket.readyState !== this.#socket.OPEN) return false;
    if (this.#socket.bufferedAmount > longestBacklog) {
      this.close();
      return false;
    }
    this.#sent += 1;
    this.#socket.send(JSON.stringify({ n: this.#sent, m: message }), () => undefined);
    return true;
  }

  #take(text: string): void {
    if (this.#closed) return;
    this.#heardAt = performance.now();
    const read = frame.safeParse(parseJson(text));
    if (!read.success || read.data.n !== this.#received + 1) {
      this.close();
      return;
    }
    this.#received += 1;
    if (isKnown(read.data.m)) this.onMessage(read.data.m);
  }

  /** Ends the link at once; nothing that arrives later is taken. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#pinger);
    this.#socket.terminate();
    this.onClose();
  }
}

/** Proves both sides to each other and resolves to the link; rejects, and ends the socket, when either fails. */
export async function openLink(socket: WebSocket, role: Role, own: LinkIdentity, to: string | null, limits: LinkLimits): Promise<Link> {
  socket.on('error', () => undefined);
  const inbox = new Inbox(socket, longestGreeting);
  const timer = setTimeout(() => { socket.terminate(); }, limits.handshakeMs);
  try {
    const peer = role === 'dialer' ? await greet(socket, inbox, own, to) : await beGreeted(socket, inbox, own);
    return new Link(socket, inbox, { incarnation: peer.incarnation, nodeId: peer.nodeId, features: peer.features }, role === 'dialer' ? own.incarnation : peer.incarnation, limits);
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function helloOf(own: LinkIdentity, to: string | null): string {
  const { cluster, incarnation, nodeId, version } = own;
  return JSON.stringify({ protocol: 1, cluster, incarnation, nodeId, version, nonce: newNonce(), to, features: [...meshFeatures] } satisfies Hello);
}

async function greet(socket: WebSocket, inbox: Inbox, own: LinkIdentity, to: string | null): Promise<Hello> {
  await opened(socket);
  const mine = helloOf(own, to);
  socket.send(mine);
  const { hello: theirs, proof: given } = answer.parse(JSON.parse(await inbox.next()));
  const key = keyOf(own, given, 'acceptor', mine, theirs);
  const peer = readHello(theirs, own);
  if (to !== null && peer.incarnation !== to) throw new Error('another incarnation answered');
  // the one that the other side uses is the one that it certainly knows
  socket.send(JSON.stringify({ proof: proofOf(key, 'dialer', mine, theirs) }));
  z.strictObject({ welcome: z.literal(true) }).parse(JSON.parse(await inbox.next()));
  return peer;
}

async function beGreeted(socket: WebSocket, inbox: Inbox, own: LinkIdentity): Promise<Hello> {
  const theirs = await inbox.next();
  const peer = readHello(theirs, own);
  const mine = helloOf(own, null);
  socket.send(JSON.stringify({ hello: mine, proof: proofOf(own.keys.current, 'acceptor', theirs, mine) }));
  const { proof: given } = proof.parse(JSON.parse(await inbox.next()));
  keyOf(own, given, 'dialer', theirs, mine);
  socket.send(JSON.stringify({ welcome: true }));
  return peer;
}

/** The accepted key that the proof was made with. */
function keyOf(own: LinkIdentity, given: string, role: Role, dialerHello: string, acceptorHello: string): Buffer {
  const key = own.keys.accepted.find((each) => isProof(given, proofOf(each, role, dialerHello, acceptorHello)));
  if (key === undefined) throw new Error('the other side does not know the cluster key');
  return key;
}

function opened(socket: WebSocket): Promise<void> {
  if (socket.readyState === socket.OPEN) return Promise.resolve();
  return new Promise((resolve, reject) => {
    socket.once('open', () => { resolve(); });
    socket.once('close', () => { reject(new Error('the link was refused')); });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
