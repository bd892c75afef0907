import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** Sees each chunk that a client sends; what it resolves to says whether the chunk may go on. */
export type ChunkWatch = (chunk: Buffer) => 'pass' | 'break' | Promise<'pass' | 'break'>;

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
}

/**
 * A TCP proxy on loopback whose traffic can be held back (connections stay open and silent in both directions, as when a
 * network swallows packets; what was held back arrives after `resume`), cut (connections are reset, new ones too) or delayed.
 */
export class LinkProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #held = false;
  #cut = false;
  #delayMs = 0;
  #watch: ChunkWatch | undefined;
  #targetPort: number;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
  }

  /** @param targetPort on loopback; nobody needs to listen there yet */
  static async to(targetPort: number): Promise<LinkProxy> {
    const server = createServer();
    const proxy = new LinkProxy(server, targetPort);
    server.on('connection', (client) => { proxy.#join(client); });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** the port that it leads to */
  get target(): number {
    return this.#targetPort;
  }

  /** connections that are open */
  get open(): number {
    return this.#pairs.size;
  }

  #join(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#cut) {
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = { client, target: connect(this.#targetPort, '127.0.0.1') };
    this.#pairs.add(pair);
    this.#carry(pair, pair.client, pair.target, (chunk) => this.#watch?.(chunk) ?? 'pass');
    this.#carry(pair, pair.target, pair.client, () => 'pass');
  }

  #carry(pair: Pair, from: Socket, to: Socket, watch: ChunkWatch): void {
    let last: Promise<unknown> | undefined;
    const pass = async (chunk: Buffer, before: Promise<unknown> | undefined): Promise<void> => {
      if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
      const verdict = await watch(chunk);
      await before;
      if (verdict === 'pass') to.write(chunk);
      else this.#reset(pair);
    };
    if (this.#held) from.pause();
    from.on('data', (chunk: Buffer) => {
      if (this.#delayMs === 0 && this.#watch === undefined && last === undefined) to.write(chunk);
      else {
        const mine = pass(chunk, last).finally(() => { if (last === mine) last = undefined; });
        last = mine;
      }
    });
    if (this.#held) from.pause();
    from.on('end', () => { void Promise.resolve(last).then(() => to.end()); });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#pairs.delete(pair);
      // what is on its way still arrives: the other side of a network does not know that this one is gone
      void Promise.resolve(last).then(() => to.destroySoon());
    });
  }

  #reset(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.target.destroy();
  }

  #sockets(): Socket[] {
    return [...this.#pairs].flatMap(({ client, target }) => [client, target]);
  }

  hold(): void {
    this.#held = true;
    for (const socket of this.#sockets()) socket.pause();
  }

  resume(): void {
    this.#held = false;
    for (const socket of this.#sockets()) socket.resume();
  }

  /** Resets every connection, and each new one until `mend`. */
  cut(): void {
    this.#cut = true;
    this.breakAll();
  }

  /** Resets the connections that are open; new ones may be made. */
  breakAll(): void {
    for (const pair of [...this.#pairs]) this.#reset(pair);
  }

  /** New connections lead to another port; resets those that are open. */
  redirect(targetPort: number): void {
    this.#targetPort = targetPort;
    this.breakAll();
  }

  /** Resets what clients see, and leaves the other side open: it still gets what is on its way, and knows nothing. */
  breakClients(): void {
    for (const { client } of [...this.#pairs]) client.resetAndDestroy();
  }

  /** Ends a cut, a hold and a delay. */
  mend(): void {
    this.#cut = false;
    this.#delayMs = 0;
    this.resume();
  }

  /** Each chunk arrives so much later, milliseconds. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Looks at all that clients send from now on; undefined: no more. */
  watch(watch: ChunkWatch | undefined): void {
    this.#watch = watch;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets()) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
