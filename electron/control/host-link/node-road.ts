import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { NodeDetails } from '../../contract/index.ts';
import type { SshSession } from '../ssh/index.ts';
import type { HostLink } from './host-link.ts';
import { streamThroughShell } from './shell-stream.ts';

const directPatienceMs = 1000;
/** After a connection that was not even refused, the way through the host is taken at once for so long, milliseconds. */
const avoidDirectMs = 30_000;

export type Way = NodeDetails['api']['way'];

/** The way to one node's port: straight when it is open to this machine, through its host otherwise. */
export class NodeRoad {
  readonly url: URL;
  #way: Way = 'none';
  #problem: NodeDetails['api']['problem'] = null;
  #avoidDirectUntil = 0;
  readonly #link: HostLink;
  readonly #runtime: string;
  readonly #deniedBy = new WeakSet<SshSession>();

  /** @param runtime path of the runtime on the host */
  constructor(url: string, link: HostLink, runtime: string) {
    this.url = new URL(url);
    this.#link = link;
    this.#runtime = runtime;
  }

  /** How the last connection was made, and why the last one was not. */
  get api(): NodeDetails['api'] {
    return { way: this.#way, problem: this.#problem };
  }

  /** Resolves once a connection to the node has been made, now or before; rejects with what stands in the way. */
  async ready(): Promise<void> {
    if (this.#way !== 'none') return;
    (await this.connect()).destroy();
  }

  /** Throws what stood in the way; for a node behind a closed port that is the host's word. */
  async connect(): Promise<Duplex> {
    try {
      const { stream, way } = await this.#open();
      this.#way = way;
      this.#problem = null;
      return stream;
    } catch (error) {
      const { code, message, hint } = asBulkheadError(error);
      this.#way = 'none';
      this.#problem = { code, message, hint };
      throw error;
    }
  }

  async #open(): Promise<{ stream: Duplex; way: Way }> {
    const host = this.url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(this.url.port || '80');
    if (performance.now() >= this.#avoidDirectUntil) {
      const direct = await dial(host, port);
      if (typeof direct !== 'string') return { stream: direct, way: 'direct' };
      if (direct !== 'ECONNREFUSED') this.#avoidDirectUntil = performance.now() + avoidDirectMs;
    }
    const session = await this.#link.session();
    // the node listens on all addresses of its host; a firewall lets the host's own connections through
    const local = host.includes(':') ? '::1' : '127.0.0.1';
    if (!this.#deniedBy.has(session)) {
      try {
        return { stream: await session.forward(local, port), way: 'ssh-forward' };
      } catch (error) {
        if (!(error instanceof BulkheadError) || error.code !== 'FORWARDING_DENIED') throw error;
        this.#deniedBy.add(session);
      }
    }
    return { stream: await streamThroughShell(session, this.#runtime, local, port), way: 'ssh-command' };
  }
}

/** A connected socket, or the reason why there is none. */
function dial(host: string, port: number): Promise<Duplex | string> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, noDelay: true, keepAlive: true });
    const failed = (reason: string): void => { clearTimeout(timer); socket.on('error', () => undefined).destroy(); resolve(reason); };
    const timer = setTimeout(() => { failed('ETIMEDOUT'); }, directPatienceMs);
    socket.once('error', (error: NodeJS.ErrnoException) => { failed(error.code ?? 'EFAILED'); });
    socket.once('connect', () => { clearTimeout(timer); socket.removeAllListeners('error'); resolve(socket); });
  });
}
