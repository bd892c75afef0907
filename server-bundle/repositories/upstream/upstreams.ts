import { LRUCache } from 'lru-cache';
import type { ComputedContent } from '../../formats/index.ts';
import type { ClusterKeys } from '../../security/rotating-secrets.ts';
import { passwordOf, remoteOf } from '../remote-settings.ts';
import type { Repository } from '../repository.ts';
import { UpstreamConnection } from './connection.ts';
import type { Flight } from './flight.ts';

/** Bytes of merged and rewritten documents that one node keeps. */
const documentBytes = 96 * 1024 * 1024;

/** What one incarnation has going on with upstreams: connections, fetches under way, documents made of what came. */
export class Upstreams {
  /** fetches under way, by repository and path: whoever wants the same joins */
  readonly flights = new Map<string, Flight>();
  /** documents by what they are made of, so that nothing ever has to be invalidated */
  readonly documents = new LRUCache<string, ComputedContent>({ maxSize: documentBytes, sizeCalculation: ({ bytes }) => bytes.length + 1024 });
  readonly #connections = new LRUCache<number, { readonly generation: number; readonly connection: UpstreamConnection }>({
    max: 500, dispose: ({ connection }) => { connection.retire(); },
  });
  readonly #keys: Pick<ClusterKeys, 'accepted'>;

  constructor(keys: Pick<ClusterKeys, 'accepted'>, signal: AbortSignal) {
    this.#keys = keys;
    signal.addEventListener('abort', () => { this.#connections.clear(); }, { once: true });
  }

  /** The connection to a remote repository's upstream, made anew when the configuration has changed. */
  connection(repository: Repository): UpstreamConnection {
    const { id, generation } = repository;
    const present = this.#connections.get(id);
    if (present?.generation === generation) return present.connection;
    const connection = new UpstreamConnection(remoteOf(repository), { upstream: passwordOf(this.#keys, repository, 'password'), proxy: passwordOf(this.#keys, repository, 'proxyPassword') });
    this.#connections.set(id, { generation, connection });
    return connection;
  }
}
