import type { HostAccess, Hosts } from '../fleet/index.ts';
import type { RemoteHost } from '../provision/index.ts';

/** Connections to hosts for as long as something is under way; each is opened when it is first needed. */
export class HostSet {
  readonly #hosts: Pick<Hosts, 'access'>;
  readonly #connect: (access: HostAccess) => RemoteHost;
  readonly #open = new Map<string, Promise<RemoteHost>>();

  constructor(hosts: Pick<Hosts, 'access'>, connect: (access: HostAccess) => RemoteHost) {
    this.#hosts = hosts;
    this.#connect = connect;
  }

  host(hostId: string): Promise<RemoteHost> {
    const known = this.#open.get(hostId);
    if (known !== undefined) return known;
    const opened = this.#hosts.access(hostId).then(this.#connect);
    this.#open.set(hostId, opened);
    return opened;
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const host of open) await host.then((each) => each.close()).catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
