import { createHash, randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';

export interface LoadReport {
  readonly reads: number;
  readonly writes: number;
  /** every request that did not get the answer that it had to get */
  readonly failures: readonly string[];
  /** paths that were acknowledged, with their content's SHA-256 */
  readonly written: ReadonlyMap<string, string>;
}

interface LoadOptions {
  /** of the balancer, or of whatever stands in front */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly repository?: string;
  readonly workers?: number;
  /** where it writes; another one for each of several that run at once */
  readonly folder?: string;
}

/**
 * Clients that never try again: each request has a connection of its own, and what goes wrong counts. Half of them write and read
 * back, the others read what was written before.
 */
export class RawLoad {
  readonly #options: Required<LoadOptions>;
  readonly #written = new Map<string, string>();
  readonly #failures: string[] = [];
  readonly #workers: Promise<void>[];
  #reads = 0;
  #writes = 0;
  #stopped = false;

  constructor(options: LoadOptions) {
    this.#options = { repository: 'generic-local', workers: 4, folder: 'load', ...options };
    this.#workers = Array.from({ length: this.#options.workers }, (_, index) => (index % 2 === 0 ? this.#write(index) : this.#read()));
  }

  get done(): number {
    return this.#reads + this.#writes;
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  /** what was acknowledged so far */
  get written(): ReadonlyMap<string, string> {
    return this.#written;
  }

  async stop(): Promise<LoadReport> {
    this.#stopped = true;
    await Promise.all(this.#workers);
    return { reads: this.#reads, writes: this.#writes, failures: this.#failures, written: this.#written };
  }

  async #write(worker: number): Promise<void> {
    for (let number = 0; !this.#stopped; number += 1) {
      const content = randomBytes(number % 20 === 0 ? 300_000 : 1024);
      const path = `${this.#options.folder}/${worker}/${number}.bin`;
      const sha256 = digest(content);
      if (await this.#ask('PUT', path, content) !== null) {
        this.#written.set(path, sha256);
        this.#writes += 1;
      }
      await this.#readBack(path);
      await pause();
    }
  }

  async #read(): Promise<void> {
    while (!this.#stopped) {
      const paths = [...this.#written.keys()];
      const path = paths[Math.floor(Math.random() * paths.length)];
      if (path !== undefined) await this.#readBack(path);
      await pause();
    }
  }

  async #readBack(path: string): Promise<void> {
    const wanted = this.#written.get(path);
    const content = wanted === undefined ? null : await this.#ask('GET', path);
    if (content === null) return;
    this.#reads += 1;
    if (digest(content) !== wanted) this.#failures.push(`GET ${path}: other bytes than were written`);
  }

  /** Null when it failed. */
  async #ask(method: 'GET' | 'PUT', path: string, body?: Buffer): Promise<Buffer | null> {
    const { url, user, password, repository } = this.#options;
    const at = new Date().toISOString();
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = request(`${url}/artifactory/${repository}/${path}`, { method, agent: false, auth: `${user}:${password}`, timeout: 60_000 }, resolve);
        sent.on('error', reject).on('timeout', () => { sent.destroy(new Error('no answer within a minute')); });
        sent.end(body);
      });
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      const content = Buffer.concat(chunks);
      if (answer.statusCode === (method === 'GET' ? 200 : 201)) return content;
      this.#failures.push(`${at} ${method} ${path}: ${answer.statusCode ?? 0} ${content.toString().slice(0, 200)}`);
    } catch (error) {
      this.#failures.push(`${at} ${method} ${path}: ${String(error)}`);
    }
    return null;
  }
}

/** Each worker leaves the machine some room: it carries the hosts as well. */
function pause(): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, 15); });
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
