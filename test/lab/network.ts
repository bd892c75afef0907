import type { LabSlot } from './slot.ts';
import { run } from './system.ts';

/** The wire that all hosts hang on; this machine is on it too, as the gateway and as the place of the database. */
export async function layBridge({ bridge, gateway, databaseAddress }: LabSlot): Promise<void> {
  await run('ip', 'link', 'add', bridge, 'type', 'bridge');
  await run('ip', 'address', 'add', `${gateway}/24`, 'dev', bridge);
  await run('ip', 'address', 'add', `${databaseAddress}/24`, 'dev', bridge);
  await run('ip', 'link', 'set', bridge, 'up');
}

/** One host's place on the wire: a network namespace with an address. It leads nowhere else: hosts have no internet. */
export class NetworkPlace {
  readonly namespace: string;
  readonly address: string;
  readonly #bridge: string;
  readonly #link: string;

  /** @param index from 1 */
  constructor(slot: LabSlot, index: number) {
    this.namespace = `${slot.prefix}${index}`;
    this.#bridge = slot.bridge;
    this.#link = `${slot.prefix}v${index}`;
    this.address = slot.hostAddress(index);
  }

  async lay(): Promise<void> {
    const { namespace } = this;
    await run('ip', 'netns', 'add', namespace);
    await run('ip', 'link', 'add', this.#link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    await run('ip', '-n', namespace, 'address', 'add', `${this.address}/24`, 'dev', 'eth0');
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

  get path(): string {
    return `/run/netns/${this.namespace}`;
  }
}
