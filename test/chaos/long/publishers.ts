import type { NodeClient } from '../../harness/node-client.ts';
import { npmTarball, publishBody } from '../../harness/npm-packages.ts';
import { pause } from '../../harness/wait-for.ts';
import { WrongAnswer } from '../requests.ts';
import type { Random } from '../random.ts';
import type { ChaosTarget } from './target.ts';

/** Publishes versions of one package on all nodes, and reads its packument meanwhile. */
export class Publishers {
  readonly name: string;
  readonly #target: Pick<ChaosTarget, 'nodes'>;
  readonly #random: Random;
  readonly #acknowledged = new Set<string>();
  readonly #unknown = new Set<string>();
  readonly #running: Promise<void>[];
  #next = 0;
  #stopped = false;

  constructor(target: Pick<ChaosTarget, 'nodes'>, name: string, random: Random, workers = 2) {
    this.name = name;
    this.#target = target;
    this.#random = random;
    this.#running = Array.from({ length: workers }, () => this.#publish());
    for (const each of this.#running) each.catch(() => { this.#stopped = true; });
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #publish(): Promise<void> {
    while (!this.#stopped) {
      const version = `1.0.${String(this.#next += 1)}`;
      const body = publishBody({ name: this.name, version }, npmTarball({ name: this.name, version }));
      const node = this.#random.pick(this.#target.nodes);
      if (node === undefined) return;
      try {
        const answer = await node.client.put(`/api/npm/npm-local/${this.name}`, body, { headers: { 'content-type': 'application/json' }, signal: AbortSignal.timeout(5000) });
        if (answer.status === 201) this.#acknowledged.add(version);
        else if ([429, 502, 503, 504, 507].includes(answer.status)) this.#unknown.add(version);
        else throw new WrongAnswer(`publishing ${this.name} ${version} was answered with ${String(answer.status)}: ${answer.text().slice(0, 300)}`);
      } catch (error) {
        if (error instanceof WrongAnswer) throw error;
        this.#unknown.add(version);
      }
      await this.#look();
      await pause(20);
    }
  }

  /** What was acknowledged before a packument was asked for has to be in it. */
  async #look(): Promise<void> {
    const node = this.#random.pick(this.#target.nodes);
    const before = [...this.#acknowledged];
    const listed = node === undefined ? null : await this.#versionsAt(node.client).catch((error: unknown) => {
      if (error instanceof WrongAnswer) throw error;
      return null;
    });
    const missing = listed === null ? [] : before.filter((version) => !listed.has(version));
    if (missing.length > 0) throw new WrongAnswer(`the packument of ${this.name} at ${node?.nodeId ?? ''} has lost ${missing.join(', ')}`);
  }

  async #versionsAt(client: NodeClient): Promise<Set<string> | null> {
    const answer = await client.get(`/api/npm/npm-local/${this.name}`, { signal: AbortSignal.timeout(5000) });
    if (answer.status !== 200) return null;
    return new Set(Object.keys((answer.json() as { versions: Record<string, unknown> }).versions));
  }

  /** On a quiet cluster: each packument is the set of what was acknowledged, with nothing that was never published. In words what is wrong. */
  async verify(): Promise<string[]> {
    const wrong: string[] = [];
    const seen = new Set<string>();
    for (const { nodeId, client } of this.#target.nodes) {
      const listed = await this.#versionsAt(client) ?? new Set<string>();
      const lost = [...this.#acknowledged].filter((version) => !listed.has(version));
      const invented = [...listed].filter((version) => !this.#acknowledged.has(version) && !this.#unknown.has(version));
      if (lost.length > 0) wrong.push(`${this.name} at ${nodeId}: acknowledged and not there: ${lost.join(', ')}`);
      if (invented.length > 0) wrong.push(`${this.name} at ${nodeId}: never published: ${invented.join(', ')}`);
      seen.add([...listed].sort().join());
    }
    if (seen.size > 1) wrong.push(`${this.name}: nodes list different versions`);
    return wrong;
  }
}
