import { BulkheadError, errorCodes, isBulkheadError, type ErrorCode } from '../../contract/index.ts';
import type { MemberRow } from '../../metadata/heartbeat.ts';
import type { Mesh } from '../mesh/peer.ts';
import type { MasterView } from '../ports.ts';
import type { Lease } from './lease.ts';

/** Planned change of master: any member may be asked, the master does it. */
export class HandOver {
  readonly #lease: Lease;
  readonly #mesh: Mesh;
  readonly #nodeId: string;
  readonly #timeoutMs: number;
  readonly #members: () => readonly MemberRow[];
  readonly #asked = new Map<number, (failure: string | null) => void>();
  #lastId = 0;

  constructor(options: {
    readonly lease: Lease; readonly mesh: Mesh; readonly nodeId: string; readonly timeoutMs: number; readonly members: () => readonly MemberRow[];
  }) {
    this.#lease = options.lease;
    this.#mesh = options.mesh;
    this.#nodeId = options.nodeId;
    this.#timeoutMs = options.timeoutMs;
    this.#members = options.members;
    options.mesh.listen({
      message: (peer, message) => {
        if (message.t === 'hand-over') void this.#answer(peer.incarnation, message.id, message.to);
        if (message.t === 'hand-over-answer') this.#asked.get(message.id)?.(message.failure);
      },
    });
  }

  /**
   * Hands over to the named node, or to any serving one; resolves when the new master is known.
   *
   * @throws NO_MASTER, NODE_NOT_FOUND, HANDOVER_FAILED
   */
  async to(nodeId?: string): Promise<MasterView> {
    const master = this.#lease.current();
    if (master === null) throw new BulkheadError('NO_MASTER');
    if (nodeId === master.nodeId) return master;
    this.#requireSuccessor(nodeId, master.nodeId);
    if (master.nodeId === this.#nodeId) return this.#lease.handOver(nodeId);
    await this.#ask(master.nodeId, nodeId ?? null);
    return this.#lease.successor(master.epoch);
  }

  #requireSuccessor(to: string | undefined, masterId: string): void {
    const members = this.#members();
    if (to !== undefined) {
      const member = members.find((candidate) => candidate.nodeId === to);
      if (member === undefined) throw new BulkheadError('NODE_NOT_FOUND', `No live node "${to}"`);
      if (member.state !== 'serving') throw new BulkheadError('HANDOVER_FAILED', `${to} is ${member.state}`);
      return;
    }
    if (!members.some((member) => member.nodeId !== masterId && member.state === 'serving')) {
      throw new BulkheadError('HANDOVER_FAILED', 'No other node is serving');
    }
  }

  async #ask(masterId: string, to: string | null): Promise<void> {
    const master = this.#members().find((member) => member.nodeId === masterId);
    if (master === undefined) throw new BulkheadError('NO_MASTER');
    this.#lastId += 1;
    const id = this.#lastId;
    const failure = await new Promise<string | null>((resolve) => {
      const timer = setTimeout(() => { resolve('HANDOVER_FAILED'); }, this.#timeoutMs);
      this.#asked.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      if (!this.#mesh.send(master.id, { t: 'hand-over', id, to })) {
        clearTimeout(timer);
        resolve('NO_MASTER');
      }
    });
    this.#asked.delete(id);
    if (failure !== null) throw new BulkheadError(isCode(failure) ? failure : 'HANDOVER_FAILED');
  }

  async #answer(from: string, id: number, to: string | null): Promise<void> {
    let failure: string | null = null;
    try {
      this.#requireSuccessor(to ?? undefined, this.#nodeId);
      if (!(await this.#lease.letGo(to))) failure = 'NOT_MASTER';
    } catch (error) {
      failure = ['NODE_NOT_FOUND', 'HANDOVER_FAILED'].find((code) => isCode(code) && isBulkheadError(error, code)) ?? 'HANDOVER_FAILED';
    }
    this.#mesh.send(from, { t: 'hand-over-answer', id, failure });
  }
}

function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}
