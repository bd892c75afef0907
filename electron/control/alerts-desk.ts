import type { Dispatcher } from 'undici';
import { BulkheadError, type AlertMute, type ClusterAlert, type NewAlertMute } from '../../server-bundle/contract/index.ts';
import type { Alert, CallContext, Handlers } from '../contract/index.ts';
import { AlertBoard, AlertBook, isOwn, isOwnMute, isOwnRule, prometheusRules, prometheusRulesFile, type WatchedCluster } from './alerts/index.ts';
import type { ClusterWatches } from './cluster-watches.ts';
import { demoClusterId, type LanClusters } from './fleet/index.ts';
import type { Journal } from './journal/index.ts';
import type { State } from './state/index.ts';
import { askAnyNode, type NodeApi } from './node-api/index.ts';

export interface AlertsDeskParts {
  readonly state: State;
  /** made after this desk */
  readonly watches: () => ClusterWatches;
  readonly clusters: LanClusters;
  readonly journal: Journal;
  readonly agent: Dispatcher;
  /** false: a program that answers one question and ends */
  readonly eager: boolean;
}

/** No node answers, or none can keep anything. */
const silentCodes: ReadonlySet<string> = new Set(['CLUSTER_UNREACHABLE', 'DATABASE_UNAVAILABLE', 'NOT_SERVING', 'NO_MASTER']);

type AlertOperation = Extract<keyof Handlers, `alerts.${string}`>;

/** Alerts of all clusters: what their masters found, and what only this app sees. */
export class AlertsDesk {
  readonly handlers: Pick<Handlers, AlertOperation>;
  readonly #parts: AlertsDeskParts;
  readonly #board: AlertBoard;
  readonly #book: AlertBook;

  constructor(parts: AlertsDeskParts) {
    this.#parts = parts;
    const { state, journal, agent, eager } = parts;
    this.#book = new AlertBook(state);
    this.#board = new AlertBoard({ clusters: () => this.#clusters(), journal, book: this.#book, agent, eager });
    this.handlers = {
      'alerts.watch': ({ clusterId }, { signal }) => this.#board.watch(clusterId === undefined ? undefined : this.#idOf(clusterId), signal),
      'alerts.history': async ({ clusterId, ...query }, { signal }) => {
        const { alerts, more } = await this.#ask(clusterId, (node) => node.alerts.history(query, signal));
        return { alerts: alerts.map((alert) => this.#ofCluster(clusterId, alert)), more };
      },
      'alerts.acknowledge': ({ clusterId, alertId, note }, context) => this.#acknowledge(clusterId, alertId, note, context),

      'alerts.mutes': ({ clusterId }, { signal }) => this.#mutes(clusterId, signal),
      'alerts.mute': ({ clusterId, ...mute }, context) => this.#mute(clusterId, mute, context),
      'alerts.unmute': async ({ clusterId, muteId }, context) => {
        if (isOwnMute(muteId)) this.#unmuteOwn(clusterId, muteId, context);
        else await this.#done(clusterId, context, 'alerts.unmute', 'Ended a mute', { muteId }, (node) => node.alerts.unmute(muteId, context.signal));
        return {};
      },

      'alerts.rules': ({ clusterId }, { signal }) => this.#ask(clusterId, (node) => node.alerts.rules(signal)),
      'alerts.setRule': ({ clusterId, rule, ...change }, context) => this.#done(clusterId, context, 'alerts.setRule', `Changed the alert rule ${rule}`, { rule, ...change },
        (node) => node.alerts.setRule(rule, change, context.signal)),

      'alerts.webhooks': ({ clusterId }, { signal }) => this.#ask(clusterId, (node) => node.alerts.webhooks(signal)),
      // neither the secret nor the address, which may be one by itself, is written down
      'alerts.putWebhook': ({ clusterId, webhookId, ...change }, context) => this.#done(clusterId, context, 'alerts.putWebhook', `Saved the webhook "${change.name}"`, { name: change.name },
        (node) => node.alerts.putWebhook(webhookId, change, context.signal)),
      'alerts.removeWebhook': async ({ clusterId, webhookId }, context) => {
        await this.#done(clusterId, context, 'alerts.removeWebhook', 'Removed a webhook', { webhookId }, (node) => node.alerts.removeWebhook(webhookId, context.signal));
        return {};
      },
      'alerts.testWebhook': ({ clusterId, webhookId }, { signal }) => this.#ask(clusterId, (node) => node.alerts.testWebhook(webhookId, signal)),
      'alerts.deliveries': ({ clusterId, ...query }, { signal }) => this.#ask(clusterId, (node) => node.alerts.deliveries(query, signal)),
      'alerts.redeliver': ({ clusterId, deliveryId }, { signal }) => this.#ask(clusterId, (node) => node.alerts.redeliver(deliveryId, signal)),

      'alerts.prometheusRules': () => Promise.resolve({ fileName: prometheusRulesFile, text: prometheusRules }),
    };
  }

  /** Begins to watch, where there is time for it. */
  start(): void {
    this.#board.start();
  }

  close(): Promise<void> {
    return this.#board.close();
  }

  #clusters(): WatchedCluster[] {
    const { watches, clusters } = this.#parts;
    return [demoClusterId, ...clusters.list().map(({ clusterId }) => clusterId)].map((id) => {
      const { access, topology } = watches().of(id);
      return { access, picture: topology.value };
    });
  }

  #idOf(idOrName: string): string {
    return this.#parts.watches().of(idOrName).access.clusterId;
  }

  #ask<T>(idOrName: string, ask: (node: NodeApi) => Promise<T>): Promise<T> {
    const { watches, agent } = this.#parts;
    const { access, topology } = watches().of(idOrName);
    return askAnyNode(access, agent, ask, topology.value.master?.nodeId);
  }

  /** Something that a person does to the alerts of a cluster. */
  async #done<T>(
    idOrName: string, context: CallContext, type: string, message: string | ((result: T) => string), detail: Record<string, unknown>, act: (node: NodeApi) => Promise<T>,
  ): Promise<T> {
    const result = await this.#ask(idOrName, act);
    const clusterId = this.#idOf(idOrName);
    this.#note(clusterId, context, type, typeof message === 'string' ? message : message(result), detail);
    await this.#board.refresh(clusterId);
    return result;
  }

  /** Those that the cluster keeps, or kept when it was heard last, and those that were made while it could not be asked. */
  async #mutes(idOrName: string, signal: AbortSignal): Promise<AlertMute[]> {
    const clusterId = this.#idOf(idOrName);
    const own = this.#book.mutes(clusterId, 'app', Date.now());
    try {
      return [...own, ...await this.#ask(idOrName, (node) => node.alerts.mutes(signal))];
    } catch (error) {
      const heard = this.#book.mutes(clusterId, 'cluster', Date.now());
      if (!cannotBeAsked(error) || own.length + heard.length === 0) throw error;
      return [...own, ...heard];
    }
  }

  /** A cluster that is down is no reason to be told of it all night: what this app sees of it can be muted here. */
  async #mute(idOrName: string, mute: NewAlertMute, context: CallContext): Promise<AlertMute> {
    const message = `Muted ${muteWords(mute)} for ${String(mute.seconds)} s`;
    if (mute.rule !== null && isOwnRule(mute.rule)) return this.#muteHere(idOrName, mute, context, `${message}, in this app only: nobody else knows such alerts`);
    try {
      return await this.#done(idOrName, context, 'alerts.mute', message, mute, (node) => node.alerts.mute(mute, context.signal));
    } catch (error) {
      if (!cannotBeAsked(error)) throw error;
      return this.#muteHere(idOrName, mute, context, `${message}, in this app only: the cluster could not be asked`);
    }
  }

  #muteHere(idOrName: string, mute: NewAlertMute, context: CallContext, message: string): AlertMute {
    const clusterId = this.#idOf(idOrName);
    const made = this.#book.mute(clusterId, mute, context.caller, Date.now());
    this.#note(clusterId, context, 'alerts.mute', message, mute);
    return made;
  }

  #unmuteOwn(idOrName: string, muteId: string, context: CallContext): void {
    const clusterId = this.#idOf(idOrName);
    if (!this.#book.unmute(clusterId, muteId)) throw new BulkheadError('ALERT_MUTE_NOT_FOUND');
    this.#note(clusterId, context, 'alerts.unmute', 'Ended a mute', { muteId });
  }

  #note(clusterId: string, { caller }: CallContext, type: string, message: string, detail: Record<string, unknown>): void {
    this.#parts.journal.write({ clusterId, source: 'operator', severity: 'info', type, nodeId: null, message, detail: { ...detail, by: caller } });
  }

  async #acknowledge(idOrName: string, alertId: string, note: string, context: CallContext): Promise<Alert> {
    if (isOwn(alertId)) {
      const own = await this.#board.acknowledgeOwn(this.#idOf(idOrName), alertId, context.caller, note, context.signal);
      if (own === undefined) throw new BulkheadError('ALERT_NOT_FOUND');
      return own;
    }
    const alert = await this.#done(idOrName, context, 'alerts.acknowledge', ({ title, message }: ClusterAlert) => `Acknowledged "${title}: ${message}"`, { alertId, note }, (node) => node.alerts.acknowledge(alertId, note, context.signal));
    return this.#ofCluster(idOrName, alert);
  }

  #ofCluster(idOrName: string, alert: Omit<Alert, 'clusterId' | 'clusterName' | 'source' | 'hostId'>): Alert {
    const { clusterId, name } = this.#parts.watches().of(idOrName).access;
    return { ...alert, clusterId, clusterName: name, source: 'cluster', hostId: null };
  }
}

function cannotBeAsked(error: unknown): boolean {
  return error instanceof BulkheadError && silentCodes.has(error.code);
}

function muteWords({ rule, subject }: { readonly rule: string | null; readonly subject: string | null }): string {
  return `${rule ?? 'every alert'}${subject === null ? '' : ` of ${subject}`}`;
}
