import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { Handlers, HostKeyReport, HostSummary } from '../contract/index.ts';
import { shownKey, trustKey, type HostConnections, type HostQuestions, type Hosts, type LanClusters } from './fleet/index.ts';

export interface HostsDeskParts {
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly connections: HostConnections;
  readonly questions: HostQuestions;
}

type HostOperation = Exclude<Extract<keyof Handlers, `hosts.${string}`>, 'hosts.check' | 'hosts.watch'>;

/** The inventory of hosts: how each is reached, whether its key is trusted, what can be imported. */
export class HostsDesk {
  readonly handlers: Pick<Handlers, HostOperation>;
  readonly #parts: HostsDeskParts;

  constructor(parts: HostsDeskParts) {
    this.#parts = parts;
    const { hosts, questions } = parts;
    const later = (): never => { throw new BulkheadError('NOT_SUPPORTED'); };
    this.handlers = {
      'hosts.list': async () => hosts.list().map((host) => this.#summary(host)),
      'hosts.add': async (host) => this.#summary(await hosts.add(host)),
      'hosts.remove': async ({ hostId }) => { this.#removeHost(hostId); return {}; },
      'hosts.key': ({ hostId }, { signal }) => this.#hostKey(hostId, signal),
      'hosts.trust': async ({ hostId, fingerprint, replace }, { signal }) => { await this.#trust(hostId, fingerprint, replace, signal); return {}; },
      'hosts.test': async () => later(),
      'hosts.edit': async () => later(),
      'hosts.questions': (_, { signal }) => questions.watch(signal),
      'hosts.answer': async ({ questionId, answers }) => { questions.answer(questionId, answers); return {}; },
      'hosts.importPreview': async () => later(),
      'hosts.import': async () => later(),
      'hosts.exportFleet': async () => later(),
      'hosts.importFleetPreview': async () => later(),
      'hosts.importFleet': async () => later(),
    };
  }

  #summary(host: Omit<HostSummary, 'node'>): HostSummary {
    return { ...host, node: this.#parts.clusters.nodeOn(host.hostId) };
  }

  #removeHost(idOrName: string): void {
    const { hosts, clusters } = this.#parts;
    const { hostId, name } = hosts.get(idOrName);
    const node = clusters.nodeOn(hostId);
    if (node !== null) throw new BulkheadError('HOST_IN_USE', `"${name}" carries the node ${node.nodeId}`);
    hosts.remove(hostId);
  }

  async #hostKey(idOrName: string, signal: AbortSignal): Promise<HostKeyReport> {
    const { key, place: _place, ...report } = await shownKey(await this.#parts.hosts.access(idOrName), this.#parts.connections.knownHosts, signal);
    return { ...report, key: key === null ? null : { type: key.type, fingerprint: key.fingerprint } };
  }

  async #trust(idOrName: string, fingerprint: string, replace: boolean, signal: AbortSignal): Promise<void> {
    await trustKey(await this.#parts.hosts.access(idOrName), this.#parts.connections.knownHosts, fingerprint, replace, signal);
  }
}
