import { randomUUID } from 'node:crypto';
import type { Random } from '../../chaos/random.ts';
import { type Answer, type NodeClient, type RequestOptions, sha256 } from '../../harness/node-client.ts';
import { pause } from '../../harness/wait-for.ts';
import type { TestContent } from './contents.ts';

const weights = { upload: 30, dedupe: 22, remove: 18, trash: 5, restore: 4, copy: 5, move: 5, push: 6, unpush: 5 };
/** How long one request is asked again, milliseconds. */
const patienceMs = 300_000;

/** What the clients of a run have in common. */
export interface Shared {
  /** one for each node, in order */
  readonly nodes: readonly NodeClient[];
  readonly contents: readonly [TestContent, ...TestContent[]];
  /** how often each operation was done, and how often a request had to be sent again */
  readonly counts: Map<string, number>;
  readonly failures: string[];
}

/**
 * Changes files of its own, one operation after the other, each on another node, and knows at any moment what has to be
 * there. Only the contents are shared with others: so what one client deletes, another one is just building on.
 */
export class CollectionClient {
  readonly #shared: Shared;
  readonly #random: Random;
  readonly #folder: string;
  readonly #paths: readonly string[];
  /** what has to be at each path; paths without a file are not in it */
  readonly expected = new Map<string, TestContent>();
  /** blobs pushed to the image of this client */
  readonly pushed = new Map<string, TestContent>();
  readonly #trashed = new Map<string, TestContent>();

  constructor(shared: Shared, number: number, random: Random, paths = 20) {
    this.#shared = shared;
    this.#random = random;
    this.#folder = `client${String(number)}`;
    this.#paths = Array.from({ length: paths }, (_, at) => `/generic-local/${this.#folder}/file${String(at)}`);
  }

  /** One change, and now and then a look at what was there before. */
  async step(): Promise<void> {
    if (this.#random.next() < 0.15) await this.look();
    const operation = this.#random.weighted(weights);
    await this[operation]();
    this.#count(operation);
  }

  /** Reads a file that has to be there. */
  async look(): Promise<void> {
    const path = this.#random.pick([...this.expected.keys()]);
    if (path !== undefined) await this.requireThere(this.#node(), path);
  }

  async requireThere(node: NodeClient, path: string): Promise<void> {
    const content = this.expected.get(path);
    const answer = await this.#ask(node, path);
    if (content === undefined ? answer.status === 404 : answer.status === 200 && sha256(answer.body) === content.sha256) return;
    this.#fail(`${path} was answered with ${String(answer.status)} and ${String(answer.body.length)} bytes of ${sha256(answer.body).slice(0, 12)}, expected ${content?.sha256.slice(0, 12) ?? 'nothing'}: ${answer.status === 200 ? '' : answer.text().slice(0, 200)}`);
  }

  /** Everything of this client, on every node: files, what is no file any more, and the image's blobs. */
  async requireAll(): Promise<void> {
    for (const node of this.#shared.nodes) {
      for (const path of this.#paths) await this.requireThere(node, path);
      for (const { sha256: digest, bytes } of this.pushed.values()) {
        const answer = await this.#ask(node, this.#blob(digest));
        if (answer.status !== 200 || !answer.body.equals(bytes)) this.#fail(`blob ${digest} was answered with ${String(answer.status)}`);
      }
    }
  }

  async upload(path = this.#anyPath(), content = this.#shared.contents[this.#random.below(this.#shared.contents.length)]!): Promise<void> {
    await this.#expect(await this.#ask(this.#node(), path, { method: 'PUT', body: content.bytes }), `upload to ${path}`, 201);
    this.expected.set(path, content);
  }

  /** As clients do it: by checksum, and with the bytes when nobody has them. */
  async dedupe(): Promise<void> {
    const path = this.#anyPath();
    // every other time one that this client itself knows to be stored
    const own = this.#random.next() < 0.5 ? this.#random.pick([...this.expected.values()]) : undefined;
    const content = own ?? this.#random.pick(this.#shared.contents);
    const checksum: Record<string, string> = this.#random.next() < 0.5 ? { 'x-checksum-sha256': content.sha256 } : { 'x-checksum-sha1': content.sha1 };
    const answer = await this.#ask(this.#node(), path, { method: 'PUT', body: Buffer.alloc(0), headers: { 'x-checksum-deploy': 'true', ...checksum } });
    if (answer.status !== 404) {
      await this.#expect(answer, `checksum deploy to ${path}`, 201);
      this.expected.set(path, content);
      return;
    }
    this.#count('dedupe that found nothing');
    if ([...this.expected.values(), ...this.pushed.values()].includes(content)) this.#fail(`content ${content.sha256.slice(0, 12)} is stored, and a checksum deploy did not find it`);
    await this.upload(path, content);
  }

  async remove(): Promise<void> {
    const path = this.#random.pick([...this.expected.keys()]);
    if (path === undefined) return this.upload();
    await this.#expect(await this.#ask(this.#node(), `${path}?permanent=1`, { method: 'DELETE' }), `deletion of ${path}`, 204);
    this.expected.delete(path);
  }

  async trash(): Promise<void> {
    const path = this.#random.pick([...this.expected.keys()]);
    if (path === undefined) return this.upload();
    await this.#expect(await this.#ask(this.#node(), path, { method: 'DELETE' }), `deletion of ${path}`, 204);
    this.#trashed.set(path, this.expected.get(path)!);
    this.expected.delete(path);
  }

  async restore(): Promise<void> {
    const path = [...this.#trashed.keys()].find((each) => !this.expected.has(each));
    if (path === undefined) return this.trash();
    await this.#expect(await this.#ask(this.#node(), `/api/trash/restore${path}`, { method: 'POST' }), `restore of ${path}`, 200);
    this.expected.set(path, this.#trashed.get(path)!);
    this.#trashed.delete(path);
  }

  copy(): Promise<void> {
    return this.#transfer('copy');
  }

  move(): Promise<void> {
    return this.#transfer('move');
  }

  async push(): Promise<void> {
    const content = this.#random.pick(this.#shared.contents);
    const answer = await this.#ask(this.#node(), `${this.#image}/blobs/uploads/?digest=sha256:${content.sha256}`, { method: 'POST', body: content.bytes, headers: { 'content-type': 'application/octet-stream' } });
    await this.#expect(answer, 'push of a blob', 201);
    this.pushed.set(content.sha256, content);
    const head = await this.#ask(this.#node(), this.#blob(content.sha256), { method: 'HEAD' });
    if (head.status !== 200) this.#fail(`a blob that was just pushed is not there: ${String(head.status)}`);
  }

  async unpush(): Promise<void> {
    const digest = this.#random.pick([...this.pushed.keys()]);
    if (digest === undefined) return this.push();
    await this.#expect(await this.#ask(this.#node(), this.#blob(digest), { method: 'DELETE' }), 'deletion of a blob', 202);
    this.pushed.delete(digest);
  }

  async #transfer(operation: 'copy' | 'move'): Promise<void> {
    const from = this.#random.pick([...this.expected.keys()]);
    const to = this.#anyPath();
    if (from === undefined || from === to) return this.upload();
    await this.#expect(await this.#ask(this.#node(), `/api/${operation}${from}?to=${to}`, { method: 'POST' }), `${operation} of ${from} to ${to}`, 200);
    this.expected.set(to, this.expected.get(from)!);
    if (operation === 'move') this.expected.delete(from);
  }

  get #image(): string {
    return `/api/docker/images/v2/${this.#folder}`;
  }

  #blob(digest: string): string {
    return `${this.#image}/blobs/sha256:${digest}`;
  }

  #anyPath(): string {
    return this.#random.pick(this.#paths)!;
  }

  #node(): NodeClient {
    return this.#random.pick(this.#shared.nodes)!;
  }

  /**
   * Asks until there is an answer that says what became of it. What was shed, what met a node that cannot serve just then, and what broke on the
   * way is sent again under the same id, as a balancer does it, to any node: it is done once.
   */
  async #ask(node: NodeClient, path: string, options: RequestOptions = {}): Promise<Answer> {
    const headers = { ...options.headers, 'x-bulkhead-request-id': randomUUID() };
    const deadline = performance.now() + patienceMs;
    for (let asked = node; ; asked = this.#node()) {
      const answer = await asked.request(path, { ...options, headers }).catch((error: unknown) => String(error));
      if (typeof answer !== 'string' && answer.status !== 429 && answer.status !== 503) return answer;
      this.#count(typeof answer === 'string' ? 'connection broken' : answer.status === 429 ? 'shed' : 'not serving');
      if (performance.now() > deadline) throw new Error(`${path} could not be asked for minutes: ${typeof answer === 'string' ? answer : answer.text()}`);
      await pause(100);
    }
  }

  async #expect(answer: Answer, what: string, status: number): Promise<void> {
    if (answer.status !== status) {
      this.#fail(`${what}: ${String(answer.status)} ${answer.text().slice(0, 300)}`);
      throw new Unexpected();
    }
  }

  #fail(what: string): void {
    this.#shared.failures.push(what);
  }

  #count(what: string): void {
    const { counts } = this.#shared;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
}

/** An answer that says that this client no longer knows what is there. */
export class Unexpected extends Error {}
