import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostAccess, Hosts } from '../fleet/index.ts';
import type { RemoteHost } from '../provision/index.ts';

/** Connections to hosts for as long as something is under way; each is opened when it is first needed. */
export class HostSet {
  readonly #hosts: Pick<Hosts, 'access'>;
  readonly #connect: (access: HostAccess) => RemoteHost;
  readonly #open = new Map<string, Promise<RemoteHost>>();
  #isClosed = false;

  constructor(hosts: Pick<Hosts, 'access'>, connect: (access: HostAccess) => RemoteHost) {
    this.#hosts = hosts;
    this.#connect = connect;
  }

  /** Throws CANCELLED once the set is closed: nobody would close what is opened then. */
  async host(hostId: string): Promise<RemoteHost> {
    if (this.#isClosed) throw new BulkheadError('CANCELLED');
    const known = this.#open.get(hostId);
    if (known !== undefined) return known;
    const opened = this.#hosts.access(hostId).then(this.#connect);
    this.#open.set(hostId, opened);
    return opened;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const host of open) await host.then((each) => each.close()).catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
