import type { TestCluster } from '../../harness/cluster.ts';
import { NodeClient } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

export interface RegistersReport {
  readonly reads: number;
  readonly writes: number;
  /** requests that got no answer: their process had ended */
  readonly broken: number;
  readonly wrong: readonly string[];
}

interface Register { readonly path: string; tried: number; acknowledged: number }

const paths = 3;
const readers = 3;

/**
 * Clients of every node that write growing numbers, one writer for each path, and read all of them. A read that finds less than was
 * acknowledged before it began, or more than anybody has written, is wrong.
 */
export class Registers {
  readonly #cluster: TestCluster;
  readonly #registers: Register[] = Array.from({ length: paths }, (_, index) => ({ path: `/generic-local/registers/${String(index)}.txt`, tried: 0, acknowledged: 0 }));
  readonly #clients: NodeClient[] = [];
  readonly #wrong: string[] = [];
  #reads = 0;
  #writes = 0;
  #broken = 0;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  async begin(): Promise<void> {
    for (const register of this.#registers) await this.#write(register, this.#client(0));
    const working = this.#cluster.nodes.flatMap((_, node) => Array.from({ length: readers }, () => this.#readAll(this.#client(node))));
    const writing = this.#registers.map((register, index) => this.#writeOn(register, this.#client(index % this.#cluster.nodes.length)));
    this.#running = Promise.all([...working, ...writing]);
  }

  #client(node: number): NodeClient {
    const client = new NodeClient(this.#cluster.nodes[node]?.url ?? '', this.#cluster.admin, 10_000);
    this.#clients.push(client);
    return client;
  }

  async #write(register: Register, client: NodeClient): Promise<void> {
    register.tried += 1;
    const value = register.tried;
    const { status } = await client.put(register.path, String(value));
    if (status === 201) {
      register.acknowledged = value;
      this.#writes += 1;
    }
  }

  async #read(register: Register, client: NodeClient): Promise<void> {
    const { acknowledged } = register;
    const answer = await client.get(register.path);
    if (answer.status !== 200) return;
    const value = Number(answer.text());
    this.#reads += 1;
    if (!(value >= acknowledged && value <= register.tried)) this.#wrong.push(`${register.path}: ${answer.text()} after ${String(acknowledged)}, ${String(answer.headers['x-request-id'])}`);
  }

  /** Another connection takes the place of one that broke; what came of the request is unknown then. */
  async #outcome(running: Promise<void>): Promise<void> {
    try {
      await running;
    } catch {
      this.#broken += 1;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }

  async #readAll(client: NodeClient): Promise<void> {
    while (!this.#isOver) for (const register of this.#registers) await this.#outcome(this.#read(register, client));
  }

  async #writeOn(register: Register, client: NodeClient): Promise<void> {
    while (!this.#isOver) {
      await this.#outcome(this.#write(register, client));
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
  }

  /** Until so much has been answered since the beginning. */
  async until(wanted: { readonly reads: number; readonly writes: number }): Promise<void> {
    await waitFor(`${String(wanted.reads)} reads and ${String(wanted.writes)} writes`, () => this.#reads >= wanted.reads && this.#writes >= wanted.writes);
  }

  /** Ends the load, reads everything once more on every node, and tells what was found. */
  async end(): Promise<RegistersReport> {
    this.#isOver = true;
    await this.#running;
    for (const [node] of this.#cluster.nodes.entries()) for (const register of this.#registers) await this.#read(register, this.#client(node));
    await Promise.all(this.#clients.map((client) => client.close()));
    return { reads: this.#reads, writes: this.#writes, broken: this.#broken, wrong: this.#wrong };
  }
}
