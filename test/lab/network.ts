import { bridge, gateway, prefix } from './constants.ts';
import { run } from './system.ts';

/** The wire that all hosts hang on; this machine is on it too, as the gateway. */
export async function layBridge(): Promise<void> {
  await run('ip', 'link', 'add', bridge, 'type', 'bridge');
  await run('ip', 'address', 'add', `${gateway}/24`, 'dev', bridge);
  await run('ip', 'link', 'set', bridge, 'up');
}

/** One host's place on the wire: a network namespace with an address. It leads nowhere else: hosts have no internet. */
export class NetworkPlace {
  readonly namespace: string;
  readonly address: string;
  readonly #link: string;

  /** @param index from 1 */
  constructor(index: number) {
    this.namespace = `${prefix}${index}`;
    this.#link = `${prefix}v${index}`;
    this.address = `10.77.0.${10 + index}`;
  }

  async lay(): Promise<void> {
    const { namespace } = this;
    await run('ip', 'netns', 'add', namespace);
    await run('ip', 'link', 'add', this.#link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    await run('ip', '-n', namespace, 'address', 'add', `${this.address}/24`, 'dev', 'eth0');
    await run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
    await run('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
    await run('ip', 'link', 'set', this.#link, 'master', bridge, 'up');
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
