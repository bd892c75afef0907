import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { CallContext, Handlers } from '../contract/index.ts';
import { explainBudget, explainHolders } from './budget/index.ts';
import type { ClusterWatches } from './cluster-watches.ts';
import { runCollection } from './collection/index.ts';
import type { DemoDesk } from './demo-desk.ts';
import { drill, drillEntryType, drillSentence, handOver, pastDrills, type DrillHands } from './failover/index.ts';
import { demoClusterId } from './fleet/index.ts';
import type { Journal } from './journal/index.ts';
import { lanDrillHands } from './lan-drill.ts';
import type { HostLinks } from './host-link/index.ts';
import { askAnyNode, type NodeApi } from './node-api/index.ts';

export interface ClusterDeskParts {
  readonly desk: DemoDesk;
  readonly watches: ClusterWatches;
  readonly links: HostLinks;
  readonly journal: Journal;
  readonly agent: Dispatcher;
}

type ClusterOperation =
  | 'node.drain' | 'node.undrain' | 'budget.explain' | 'budget.setGrants' | 'failover.history' | 'failover.handOver' | 'failover.drill' | 'failover.drills' | 'gc.run' | 'journal.list' | 'journal.watch';

/** What can be asked of a cluster and done to it, wherever it runs. */
export class ClusterDesk {
  readonly handlers: Pick<Handlers, ClusterOperation>;
  readonly #parts: ClusterDeskParts;

  constructor(parts: ClusterDeskParts) {
    this.#parts = parts;
    const { watches, journal, agent } = parts;
    this.handlers = {
      'node.drain': async ({ clusterId, nodeId, deadlineSeconds }, context) => {
        await this.#ask(clusterId, (node) => node.drain(nodeId, deadlineSeconds, context.signal));
        this.#note(clusterId, 'node.drain', nodeId, `${nodeId} was asked to drain`, context, { deadlineSeconds });
        return {};
      },
      'node.undrain': async ({ clusterId, nodeId }, context) => {
        await this.#ask(clusterId, (node) => node.undrain(nodeId, context.signal));
        this.#note(clusterId, 'node.undrain', nodeId, `${nodeId} was asked to serve again`, context);
        return {};
      },
      'budget.explain': async ({ clusterId }, { signal }) => {
        try {
          return explainHolders(await this.#ask(clusterId, (node) => node.budget(signal)));
        } catch (error) {
          // a node that cannot say it: one of an older version, or one that has no pool yet
          if (!(error instanceof BulkheadError) || (error.code !== 'ROUTE_NOT_FOUND' && error.code !== 'NOT_SERVING')) throw error;
          const { asOf, database } = await this.#ask(clusterId, (node) => node.view(signal));
          return explainBudget(asOf, database);
        }
      },
      'budget.setGrants': async ({ clusterId, nodeId, poolMin, poolMax }, context) => {
        const change = { ...(nodeId === undefined ? {} : { nodeId }), ...(poolMin === undefined ? {} : { poolMin }), ...(poolMax === undefined ? {} : { poolMax }) };
        const budget = await this.#ask(clusterId, (node) => node.setPools(change, context.signal));
        this.#note(clusterId, 'budget.setGrants', nodeId ?? null, `The pool sizes of ${nodeId ?? 'all nodes'} were changed`, context, { ...change });
        return explainHolders(budget);
      },
      'failover.history': async ({ clusterId }, { signal }) => {
        const { asOf, epochs } = await this.#ask(clusterId, (node) => node.epochs(100, signal));
        return { asOf, epochs };
      },
      'failover.handOver': async ({ clusterId, to }, context) => {
        const next = await handOver(watches.of(clusterId).access, agent, to, context.signal);
        this.#note(clusterId, 'failover.handOver', next.nodeId, `The mastership was handed over to ${next.nodeId} (epoch ${next.epoch})`, context, { ...next });
        return next;
      },
      'failover.drill': async ({ clusterId, confirm }, context) => {
        const hands = clusterId === demoClusterId ? await this.#demoHands(context) : await this.#lanHands(clusterId, confirm, context);
        const report = await drill(watches.of(clusterId).access, agent, hands, context.signal);
        this.#note(clusterId, drillEntryType, report.killedNodeId, drillSentence(report), context, { ...report });
        return report;
      },
      'failover.drills': async ({ clusterId }) => ({ drills: pastDrills(journal, watches.of(clusterId).access.clusterId) }),
      'gc.run': async ({ clusterId, dryRun }, context) => {
        const report = await runCollection(watches.of(clusterId).access, agent, dryRun, context.signal);
        this.#note(clusterId, 'gc.run', null, dryRun ? 'A dry run of the collection was made' : 'A collection was run', context, report);
        return report;
      },
      'journal.list': async ({ clusterId, ...query }) => journal.list({ ...query, ...(clusterId === undefined ? {} : { clusterId: this.#idOf(clusterId) }) }),
      'journal.watch': ({ clusterId }, { signal }) => journal.watch(clusterId === undefined ? undefined : this.#idOf(clusterId), signal),
    };
  }

  #ask<T>(clusterId: string, ask: (node: NodeApi) => Promise<T>): Promise<T> {
    return askAnyNode(this.#parts.watches.of(clusterId).access, this.#parts.agent, ask);
  }

  #idOf(idOrName: string): string {
    return this.#parts.watches.idOf(idOrName);
  }

  /** What a person did to a cluster, once it is done. */
  #note(clusterId: string, type: string, nodeId: string | null, message: string, { caller }: CallContext, detail: Record<string, unknown> = {}): void {
    const watch = this.#parts.watches.of(clusterId);
    this.#parts.journal.write({ clusterId: watch.access.clusterId, source: 'operator', severity: 'info', type, nodeId, message, detail: { ...detail, by: caller } });
    watch.refresh();
  }

  async #demoHands({ caller, signal }: CallContext): Promise<DrillHands> {
    const { desk } = this.#parts;
    const { balancer } = await desk.demo.describe();
    const quiet = new AbortController().signal;
    return {
      balancerUrl: balancer,
      kill: (nodeId) => {
        desk.watch.noteAct(nodeId, 'killed in a drill');
        return desk.demo.killNode(nodeId, caller, signal);
      },
      // what the drill broke is mended also when nobody waits for its end any more
      restore: (nodeId) => desk.demo.actOnNode(nodeId, 'start', caller, quiet),
    };
  }

  /** Real clients are served there: the name of the cluster has to be given, as one would before deleting it. */
  async #lanHands(clusterId: string, confirm: string | undefined, { signal }: CallContext): Promise<DrillHands> {
    const { watches, links, agent } = this.#parts;
    const cluster = watches.lan(clusterId);
    const { name } = cluster.settings;
    if (confirm !== name) {
      throw new BulkheadError('CONFIRMATION_NEEDED', `A drill kills the master of "${name}" while its clients are served`, {
        details: { cluster: name }, hint: 'Confirm it with the name of the cluster; requests under way on the master may fail.',
      });
    }
    return lanDrillHands(cluster, watches.of(clusterId), links, agent, signal);
  }
}
