import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import type { HostKey } from '../host-key.ts';

/** What is known about a key that a host shows. */
export type HostKeyVerdict =
  | { readonly kind: 'trusted'; readonly by: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly known: readonly (HostKey & { readonly by: string })[] }
  | { readonly kind: 'revoked'; readonly by: string };

/**
 * Keys of hosts: our own file in OpenSSH's format, and the user's and the system's beside it, which are only read.
 * Where our file knows a host, it decides; a revoked key is refused wherever it is listed.
 */
export class KnownHosts {
  readonly #own: string;
  readonly #others: readonly string[];

  /**
   * @param own    path of our file; it need not exist
   * @param others files that are read, `~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts` when left out
   */
  constructor(own: string, others?: readonly string[]) {
    this.#own = own;
    this.#others = others ?? [];
  }

  async check(_address: string, _port: number, _key: HostKey): Promise<HostKeyVerdict> {
    throw new BulkheadError('INTERNAL', `${this.#own} ${this.#others.length}`);
  }

  /** Remembers the key of a host that is not known yet. Throws HOST_KEY_CHANGED when another one is. */
  async trust(_address: string, _port: number, _key: { readonly type: string; readonly key: string }): Promise<void> {
    throw new BulkheadError('INTERNAL');
  }

  /** Forgets every key of the host in our file and remembers this one: the deliberate act after HOST_KEY_CHANGED. */
  async replace(_address: string, _port: number, _key: { readonly type: string; readonly key: string }): Promise<void> {
    throw new BulkheadError('INTERNAL');
  }
}
