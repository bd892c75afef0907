import { type NodeClient } from '../harness/node-client.ts';
import { pause } from '../harness/wait-for.ts';
import { History, type Action } from './history.ts';
import type { Random } from './random.ts';
import { attempt, bytesOf } from './requests.ts';

export interface WorkloadOptions {
  /** paths of different folders have nothing to do with each other: every run starts from nothing */
  readonly folder: string;
  readonly clients: number;
  readonly operations: number;
  /** at most 20; neighbours (0 and 1, 2 and 3, …) among the first `movable` are moved and copied onto each other */
  readonly paths: number;
  readonly movable: number;
  readonly weights: Readonly<Partial<Record<Action['kind'], number>>>;
  /** share of the requests that go through the balancer, 0 to 1 */
  readonly throughBalancer: number;
  /** a client gives up on a request after this time; milliseconds */
  readonly patienceMs: number;
}

export const mixed: WorkloadOptions = {
  folder: 'chaos', clients: 16, operations: 10_000, paths: 20, movable: 6, throughBalancer: 0.3, patienceMs: 3000,
  weights: { put: 5, read: 18, delete: 1, move: 0.6 },
};

interface Way {
  readonly name: string;
  readonly client: NodeClient;
}

/** Who is asked. */
export interface Asked {
  readonly nodes: readonly { readonly nodeId: string; readonly client: NodeClient }[];
  /** null: nothing goes through it */
  readonly balancer: { readonly client: NodeClient } | null;
}

/** Many clients at once. `done` tells how far they are, so that faults can be placed along the way. */
export class Workload {
  readonly history = new History();
  readonly #ways: readonly Way[];
  readonly #balancer: Way | undefined;
  readonly #options: WorkloadOptions;
  readonly #random: Random;
  /** whether so many operations are enough; whoever sets it to false sets it to true in the end */
  mayEnd = true;
  #values = 0;
  #stopped = false;

  constructor(asked: Asked, options: WorkloadOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#ways = asked.nodes.map(({ nodeId, client }) => ({ name: nodeId, client }));
    this.#balancer = options.throughBalancer > 0 && asked.balancer !== null ? { name: 'balancer', client: asked.balancer.client } : undefined;
  }

  get done(): number {
    return this.history.size;
  }

  get isOver(): boolean {
    return this.#stopped || (this.mayEnd && this.done >= this.#options.operations);
  }

  /** Ends all clients after the request each has under way. */
  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when so many operations have been answered; rejects with the first wrong answer. */
  async run(): Promise<void> {
    const clients = Array.from({ length: this.#options.clients }, (_, number) => this.#client(number, this.#random.branch(number)));
    try {
      await Promise.all(clients);
    } finally {
      this.stop();
    }
  }

  /** Reads every path from every node: what was acknowledged is there, or the history is not linearizable. */
  async readAll(): Promise<void> {
    for (const way of this.#ways) {
      for (let index = 0; index < this.#options.paths; index += 1) {
        await this.#ask(-1, way, { kind: 'read', path: `${this.#options.folder}/p${String(index)}.bin`, value: null }, Buffer.alloc(0));
      }
    }
  }

  async #client(number: number, random: Random): Promise<void> {
    while (!this.isOver) {
      const way = this.#balancer !== undefined && random.next() < this.#options.throughBalancer ? this.#balancer : random.pick(this.#ways);
      if (way === undefined) throw new Error('there is no node');
      const learnedNothing = !(await this.#request(number, way, random));
      // a node that is down refuses at once: do not spin on it
      if (learnedNothing) await pause(10);
    }
  }

  #action(random: Random): Action {
    const { folder, weights, paths, movable } = this.#options;
    const kind = random.weighted(weights as Readonly<Record<Action['kind'], number>>);
    const index = random.below(kind === 'move' || kind === 'copy' ? movable : paths);
    const path = `${folder}/p${String(index)}.bin`;
    switch (kind) {
      case 'put': return { kind, path, value: `v${String(++this.#values)}-${String(random.below(1e6))}` };
      case 'read': return { kind, path, value: null };
      case 'delete': return { kind, path };
      case 'list': return { kind, path, listed: false };
      case 'move':
      case 'copy': return { kind, path, to: `${folder}/p${String(index ^ 1)}.bin` };
    }
  }

  async #request(client: number, way: Way, random: Random): Promise<boolean> {
    const action = this.#action(random);
    return this.#ask(client, way, action, action.kind === 'put' ? bytesOf(action.value, random) : Buffer.alloc(0));
  }

  async #ask(client: number, way: Way, action: Action, body: Buffer): Promise<boolean> {
    const start = this.history.now();
    const learned = await attempt(way.client, action, body, this.#options.patienceMs);
    const end = this.history.now();
    const common = { start, client, via: way.name, answer: learned.answer };
    if (learned.kind === 'answered') this.history.add({ ...common, action: learned.action, end });
    if (learned.kind === 'unknown' && action.kind !== 'read' && action.kind !== 'list') this.history.add({ ...common, action, end: null });
    return learned.kind === 'answered';
  }
}
