import type { Dispatcher } from 'undici';
import { z } from 'zod';
import {
  BulkheadError, budgetView, clusterEvent, clusterView, epochList, observedState, taskRun, type BudgetView, type ClusterEvent, type ClusterView, type EpochEntry, type ObservedState, type PoolChange, type TaskRun,
} from '../../../server-bundle/contract/index.ts';
import { AccessApi } from './access-api.ts';
import { AlertsApi } from './alerts-api.ts';
import { ContentApi } from './content-api.ts';
import { parseEventStream } from './event-stream.ts';
import { NodeConnection, type Credentials } from './node-connection.ts';
import { SearchApi } from './search-api.ts';

/** What the event stream brings: an event, the news that some are gone for good, or just a sign of life. */
export type EventStreamItem =
  | { readonly kind: 'event'; readonly event: ClusterEvent }
  | { readonly kind: 'gap'; readonly from: number; readonly to: number };

const liveness = z.object({ nodeId: z.string(), state: observedState });
const clusterPath = '/api/v1/cluster';

/** One node's interface for the control room. Every answer is parsed; errors carry the node's codes. */
export class NodeApi {
  readonly nodeId: string;
  readonly access: AccessApi;
  readonly alerts: AlertsApi;
  readonly content: ContentApi;
  readonly search: SearchApi;
  readonly #connection: NodeConnection;

  constructor(node: { nodeId: string; url: string }, credentials: Credentials | null, agent: Dispatcher) {
    this.nodeId = node.nodeId;
    this.#connection = new NodeConnection(node.url, credentials, agent);
    this.access = new AccessApi(this.#connection);
    this.alerts = new AlertsApi(this.#connection);
    this.content = new ContentApi(this.#connection);
    this.search = new SearchApi(this.#connection);
  }

  /** True when the node takes client requests. */
  async ping(signal?: AbortSignal, timeoutMs = 1000): Promise<boolean> {
    try {
      await this.#connection.json('/api/system/ping', { signal, timeoutMs });
      return true;
    } catch (error) {
      if (error instanceof BulkheadError && error.code === 'CANCELLED') throw error;
      return false;
    }
  }

  /** What the process says of itself; needs neither login nor database. Throws CLUSTER_UNREACHABLE, also when another node answers. */
  async ownWord(signal?: AbortSignal): Promise<ObservedState> {
    const answer = liveness.parse(await this.#connection.json('/api/v1/system/liveness', { signal }));
    if (answer.nodeId !== this.nodeId) throw new BulkheadError('CLUSTER_UNREACHABLE', `${answer.nodeId} answers at the address of ${this.nodeId}`);
    return answer.state;
  }

  /** @param timeoutMs give a node that has just started more: its first check of a password takes a while on a busy machine */
  async view(signal?: AbortSignal, timeoutMs?: number): Promise<ClusterView> {
    return clusterView.parse(await this.#connection.json(clusterPath, { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) }));
  }

  async epochs(limit: number, signal?: AbortSignal): Promise<{ asOf: string; epochs: EpochEntry[] }> {
    return epochList.parse(await this.#connection.json(`${clusterPath}/epochs?limit=${limit}`, { signal }));
  }

  /** Asks for another master; the one named, or any. Resolves when the request is accepted. */
  async handOver(to: string | undefined, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${clusterPath}/master`, { method: 'POST', body: to === undefined ? {} : { to }, signal, timeoutMs: 15_000 });
  }

  async drain(nodeId: string, deadlineSeconds: number, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${clusterPath}/nodes/${encodeURIComponent(nodeId)}/drain`, { method: 'POST', body: { deadlineSeconds }, signal, timeoutMs: 5000 });
  }

  async undrain(nodeId: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${clusterPath}/nodes/${encodeURIComponent(nodeId)}/undrain`, { method: 'POST', body: {}, signal, timeoutMs: 5000 });
  }

  /** Starts a collection; the answer names the run. */
  async collect(dryRun: boolean, signal?: AbortSignal): Promise<TaskRun> {
    return taskRun.parse(await this.#connection.json(`/api/system/storage/gc${dryRun ? '?dryRun=1' : ''}`, { method: 'POST', signal, timeoutMs: 10_000 }));
  }

  async task(id: string, signal?: AbortSignal): Promise<TaskRun> {
    return taskRun.parse(await this.#connection.json(`/api/v1/tasks/${encodeURIComponent(id)}`, { signal }));
  }

  async cancelTask(id: string): Promise<void> {
    await this.#connection.json(`/api/v1/tasks/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
  }

  /** Who holds the connections of the database, and the pool sizes that apply. Throws ROUTE_NOT_FOUND at a node of an older version. */
  async budget(signal?: AbortSignal): Promise<BudgetView> {
    return budgetView.parse(await this.#connection.json(`${clusterPath}/budget`, { signal, timeoutMs: 5000 }));
  }

  /** Sets pool sizes live, for one node or for all. */
  async setPools(change: PoolChange, signal?: AbortSignal): Promise<BudgetView> {
    return budgetView.parse(await this.#connection.json(`${clusterPath}/pools`, { method: 'PUT', body: change, signal, timeoutMs: 10_000 }));
  }

  /** The cluster's events after `lastSeq`, until the node or the signal ends it. Events of a newer version are left out. */
  async* events(lastSeq: number, signal: AbortSignal): AsyncGenerator<EventStreamItem> {
    const response = await this.#connection.open(`${clusterPath}/events`, { headers: { accept: 'text/event-stream', 'last-event-id': String(lastSeq) }, signal });
    if (response.statusCode !== 200) {
      response.body.on('error', () => undefined).destroy();
      throw new BulkheadError('CLUSTER_UNREACHABLE', `${this.nodeId} gives no events (status ${response.statusCode})`);
    }
    for await (const { event, data } of parseEventStream(response.body)) {
      const content: unknown = JSON.parse(data);
      if (event === 'gap') {
        const { from, to } = content as { from: number; to: number };
        yield { kind: 'gap', from, to };
        continue;
      }
      const parsed = clusterEvent.safeParse(content);
      if (parsed.success) yield { kind: 'event', event: parsed.data };
    }
  }
}
