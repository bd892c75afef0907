import type { LabSlot } from './slot.ts';
import { run } from './system.ts';

/** The wire that all hosts hang on; this machine is on it too, as the gateway and as the place of the database. */
export async function layBridge({ bridge, gateway, databaseAddress, gatewayV6, databaseAddressV6 }: LabSlot): Promise<void> {
  await run('ip', 'link', 'add', bridge, 'type', 'bridge');
  await run('ip', 'address', 'add', `${gateway}/24`, 'dev', bridge);
  await run('ip', 'address', 'add', `${databaseAddress}/24`, 'dev', bridge);
  for (const address of [gatewayV6, databaseAddressV6]) await run('ip', 'address', 'add', `${address}/64`, 'dev', bridge, 'nodad');
  await run('ip', 'link', 'set', bridge, 'up');
}

/** One host's place on the wire: a network namespace with an address. It leads nowhere else: hosts have no internet. */
export class NetworkPlace {
  readonly namespace: string;
  /** the only one of a host that has no IPv4; else the IPv4 one, beside which it has one of IPv6 too */
  readonly address: string;
  readonly #addresses: readonly string[];
  readonly #bridge: string;
  readonly #link: string;

  /** @param index from 1 */
  constructor(slot: LabSlot, index: number, onlyV6: boolean) {
    this.namespace = `${slot.prefix}${index}`;
    this.#bridge = slot.bridge;
    this.#link = `${slot.prefix}v${index}`;
    const [four, six] = [slot.hostAddress(index), slot.hostAddressV6(index)];
    this.address = onlyV6 ? six : four;
    this.#addresses = onlyV6 ? [`${six}/64`] : [`${four}/24`, `${six}/64`];
  }

  async lay(): Promise<void> {
    const { namespace } = this;
    await run('ip', 'netns', 'add', namespace);
    await run('ip', 'link', 'add', this.#link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    // a new IPv6 address is tried out for a second or two, unless told not to
    for (const each of this.#addresses) await run('ip', '-n', namespace, 'address', 'add', each, 'dev', 'eth0', ...(each.includes(':') ? ['nodad'] : []));
    await run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
    await run('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
    await run('ip', 'link', 'set', this.#link, 'master', this.#bridge, 'up');
  }

  /** Silence: what is sent is lost, and nobody is told. */
  async cut(): Promise<void> {
    await run('ip', 'link', 'set', this.#link, 'down');
  }

  async join(): Promise<void> {
    await run('ip', 'link', 'set', this.#link, 'up');
  }

  /** What goes to the host takes its time; null: as much as the wire carries. */
  async slowDown(megabitsPerSecond: number | null): Promise<void> {
    if (megabitsPerSecond === null) await run('tc', 'qdisc', 'delete', 'dev', this.#link, 'root');
    else await run('tc', 'qdisc', 'replace', 'dev', this.#link, 'root', 'tbf', 'rate', `${megabitsPerSecond}mbit`, 'burst', '128kb', 'latency', '200ms');
  }

  get path(): string {
    return `/run/netns/${this.namespace}`;
  }
}
