import { asBulkheadError, BulkheadError } from '../../server-bundle/contract/index.ts';
import { newHost, type FleetFile, type Handlers, type HostKeyReport, type HostSummary, type ImportResult, type NewHost } from '../contract/index.ts';
import { editHost, inOrder, parseFleetFile, previewFleet, shownKey, SshConfigImport, testHost, trustKey, type HostConnections, type HostQuestions, type Hosts, type LanClusters } from './fleet/index.ts';

export interface HostsDeskParts {
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly connections: HostConnections;
  readonly questions: HostQuestions;
  /** names of the clusters that a host balances for */
  readonly balancedOn: (hostId: string) => readonly string[];
  /** a host may be reached now, or in another way; null: any of them */
  readonly onChange: (hostId: string | null) => void;
}

type HostOperation = Exclude<Extract<keyof Handlers, `hosts.${string}`>, 'hosts.check' | 'hosts.watch'>;

/** The inventory of hosts: how each is reached, whether its key is trusted, what can be imported. */
export class HostsDesk {
  readonly handlers: Pick<Handlers, HostOperation>;
  readonly #parts: HostsDeskParts;

  constructor(parts: HostsDeskParts) {
    this.#parts = parts;
    const { hosts, connections, questions, onChange } = parts;
    this.handlers = {
      'hosts.list': async () => hosts.list().map((host) => this.#summary(host)),
      'hosts.add': async (host) => this.#summary(await hosts.add(host)),
      'hosts.remove': async ({ hostId }) => { this.#removeHost(hostId); return {}; },
      'hosts.key': ({ hostId }, { signal }) => this.#hostKey(hostId, signal),
      'hosts.trust': async ({ hostId, fingerprint, replace }, { signal }) => { await this.#trust(hostId, fingerprint, replace, signal); onChange(null); return {}; },
      'hosts.test': async (asked, { signal }) => testHost(connections, await ('host' in asked ? hosts.accessOf(hosts.draft(asked.host)) : hosts.access(asked.hostId)), signal),
      'hosts.edit': async (request, { signal }) => {
        const { host, test, authorizedKeys } = await editHost(hosts, connections, request, signal);
        onChange(host.hostId);
        return { host: this.#summary(host), test, authorizedKeys };
      },
      'hosts.questions': (_, { signal }) => questions.watch(signal),
      'hosts.answer': async ({ questionId, answers }) => { questions.answer(questionId, answers); return {}; },
      'hosts.importPreview': async (source) => new SshConfigImport(source).preview(hosts.list()),
      'hosts.import': ({ aliases, ...source }) => this.#import(new SshConfigImport(source), aliases),
      'hosts.exportFleet': async ({ hostIds }) => ({ format: 'bulkhead-fleet', version: 1, hosts: hosts.exported(hostIds) }),
      'hosts.importFleetPreview': async ({ text }) => previewFleet(parseFleetFile(text), hosts.exported()),
      'hosts.importFleet': ({ text, names }) => this.#importFleet(parseFleetFile(text), names),
    };
  }

  #summary(host: Omit<HostSummary, 'node'>): HostSummary {
    return { ...host, node: this.#parts.clusters.nodeOn(host.hostId) };
  }

  #removeHost(idOrName: string): void {
    const { hosts, clusters, balancedOn } = this.#parts;
    const { hostId, name } = hosts.get(idOrName);
    const node = clusters.nodeOn(hostId);
    if (node !== null) throw new BulkheadError('HOST_IN_USE', `"${name}" carries the node ${node.nodeId}`);
    // its configuration would stay on the host, where nobody keeps it in step any more
    const [cluster] = balancedOn(hostId);
    if (cluster !== undefined) throw new BulkheadError('HOST_IN_USE', `"${name}" is a balancer of "${cluster}"`, { hint: `Remove that first:  bulkhead balancer remove ${name} --cluster ${cluster} --yes   A host that is gone for good: --host-gone as well.` });
    hosts.remove(hostId);
  }

  async #import(config: SshConfigImport, aliases: readonly string[]): Promise<ImportResult> {
    const result: ImportResult = { added: [], changed: [], refused: [] };
    for (const { alias, host, problem, isAsked } of config.chosen(aliases, this.#parts.hosts.list())) {
      const name = host?.name ?? alias;
      if (host === null) result.refused.push({ name, code: 'NOT_SUPPORTED', message: problem ?? '' });
      else if (isAsked || !this.#parts.hosts.list().some((known) => known.name === name)) await this.#collect(result, name, async () => { result.added.push(this.#summary(await this.#parts.hosts.add(asNewHost(host)))); });
    }
    return result;
  }

  async #importFleet(file: FleetFile, names: readonly string[]): Promise<ImportResult> {
    const { hosts } = this.#parts;
    const result: ImportResult = { added: [], changed: [], refused: [] };
    for (const host of inOrder(file, names)) {
      await this.#collect(result, host.name, async () => {
        // looked at again for each: the ones before it may be what it is reached through
        const found = previewFleet({ ...file, hosts: file.hosts.filter(({ name }) => name === host.name) }, hosts.exported()).hosts[0];
        if (found === undefined || found.state === 'same') return;
        if (found.problem !== null) throw new BulkheadError('ARGUMENT_INVALID', found.problem);
        const draft = hosts.draftFrom(host);
        if (found.state === 'new') result.added.push(this.#summary(await hosts.insert(draft)));
        else {
          result.changed.push(this.#summary(await hosts.change(draft)));
          this.#parts.onChange(draft.row.id);
        }
      });
    }
    return result;
  }

  /** One host that cannot be taken over does not stop the others. */
  async #collect(result: ImportResult, name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { code, message } = asBulkheadError(error);
      result.refused.push({ name, code, message });
    }
  }

  async #hostKey(idOrName: string, signal: AbortSignal): Promise<HostKeyReport> {
    const { key, place: _place, ...report } = await shownKey(await this.#parts.hosts.access(idOrName), this.#parts.connections.knownHosts, signal);
    return { ...report, key: key === null ? null : { type: key.type, fingerprint: key.fingerprint } };
  }

  async #trust(idOrName: string, fingerprint: string, replace: boolean, signal: AbortSignal): Promise<void> {
    await trustKey(await this.#parts.hosts.access(idOrName), this.#parts.connections.knownHosts, fingerprint, replace, signal);
  }
}

/** What ssh_config says, held against the same rules as what a person types. */
function asNewHost(host: unknown): NewHost {
  const parsed = newHost.safeParse(host);
  if (parsed.success) return parsed.data;
  throw new BulkheadError('ARGUMENT_INVALID', parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}
