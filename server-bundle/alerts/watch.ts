import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Session } from '../cluster/ports.ts';
import { controlConnections } from '../cluster/grants/distribute.ts';
import type { NodeConfig } from '../config/schema.ts';
import { asBulkheadError } from '../contract/index.ts';
import { pruneAlerts } from '../metadata/alerts/alert-rows.ts';
import { giveUpDeliveries, pruneDeliveries } from '../metadata/alerts/delivery-rows.ts';
import { pruneMutes } from '../metadata/alerts/mute-rows.ts';
import { observeCluster } from '../metadata/alerts/observe.ts';
import { ruleOverrides } from '../metadata/alerts/rule-rows.ts';
import { resealSecret, sealedOtherwise } from '../metadata/alerts/webhook-rows.ts';
import { databaseBudget } from '../metadata/cluster-view.ts';
import { keyId, type ClusterKeys } from '../security/rotating-secrets.ts';
import { lookAtCertificates, type Certificate } from './certificates.ts';
import { conditionsOf, type Sight } from './conditions.ts';
import { applyEvaluation } from './evaluate.ts';
import type { AlertFigures } from './figures.ts';
import { effectiveRules } from './rules.ts';
import { webhookAddresses } from './webhooks/address-rules.ts';
import { Courier } from './webhooks/courier.ts';
import { seal, unseal } from './webhooks/sealed-secret.ts';
import { WebhookConnections } from './webhooks/webhook-connections.ts';

export interface AlertWatchOptions {
  readonly config: NodeConfig;
  readonly clusterKeys: Pick<ClusterKeys, 'accepted' | 'current'>;
  readonly log: Logger;
  readonly figures: AlertFigures;
}

/** How often the master looks for messages that are due. */
const deliverMs = 500;
const certificatesMs = 600_000;
const tidyMs = 60_000;
const keepDays = 90;
const keepAlerts = 10_000;

/**
 * Watches over the cluster for as long as this node is its master: holds the rules against the facts, and tells webhooks. All it knows is
 * in the database, so the next master goes on where this one stopped.
 */
export class AlertWatch {
  readonly #options: AlertWatchOptions;
  readonly #session: Session;
  readonly #signal: AbortSignal;
  #certificates: readonly Certificate[] = [];
  #certificatesAt = -Infinity;
  /** id of the key that all stored secrets were last found sealed with */
  #sealedWith: string | null = null;
  #tidiedAt = -Infinity;

  constructor(options: AlertWatchOptions, session: Session, signal: AbortSignal) {
    this.#options = options;
    this.#session = session;
    this.#signal = signal;
  }

  /** Resolves when `signal` has aborted and nothing is under way any more. Never rejects. */
  async run(): Promise<void> {
    const { config, clusterKeys, log, figures } = this.#options;
    const isGood = webhookAddresses(config.alerts.allowAddresses);
    const connections = new WebhookConnections(isGood);
    const courier = new Courier({ session: this.#session, connections, isGood, clusterKeys, log, signal: this.#signal });
    try {
      await Promise.all([
        this.#every(config.alerts.evaluateMs, 'the rules could not be evaluated', () => this.#evaluate()),
        this.#every(deliverMs, 'webhooks could not be told', () => courier.look()),
      ]);
      await courier.ended();
    } finally {
      figures.forget();
      await connections.destroy();
    }
  }

  async #every(milliseconds: number, complaint: string, work: () => Promise<void>): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        await work();
      } catch (error) {
        // without the lease or the database there is nothing to do but to try again, and others say that already
        const { code } = asBulkheadError(error);
        if (!this.#over() && code === 'INTERNAL') this.#options.log.warn({ code, err: error }, complaint);
      }
      await delay(milliseconds, undefined, { signal: this.#signal }).catch(() => undefined);
    }
  }

  #over(): boolean {
    return this.#signal.aborted;
  }

  async #evaluate(): Promise<void> {
    const { leadership, db, events } = this.#session;
    this.#refreshCertificates();
    const rules = effectiveRules(await ruleOverrides(db));
    const sight = await this.#look();
    const { cluster } = sight;
    const conditions = conditionsOf(sight, rules);
    await leadership.fenced(async (trx, epoch) => {
      const found = await applyEvaluation(trx, {
        cluster: { id: cluster.id, name: cluster.name }, at: cluster.at, sinceLastMs: cluster.evaluated?.agoMs ?? null, epoch, conditions, rules,
      });
      for (const event of found) await events.publish(event, trx);
    });
    this.#options.figures.evaluated(sight);
    await this.#reseal();
    if (performance.now() - this.#tidiedAt >= tidyMs) await this.#tidy();
  }

  async #look(): Promise<Sight> {
    const { db } = this.#session;
    const { database } = this.#options.config;
    const budget = await databaseBudget(db, {
      host: database.host, port: database.port, name: database.name, keepForOthers: database.keepForOthers,
      minimumPerNode: database.pool.min + controlConnections, wantedPerNode: database.pool.max + controlConnections,
    });
    return { cluster: await observeCluster(db), budget, certificates: this.#certificates };
  }

  #refreshCertificates(): void {
    if (performance.now() - this.#certificatesAt < certificatesMs) return;
    this.#certificatesAt = performance.now();
    // beside the rest: whoever does not answer must not hold up an alert
    void lookAtCertificates(this.#options.config).then((seen) => { this.#certificates = seen; }, () => undefined);
  }

  async #tidy(): Promise<void> {
    const { leadership } = this.#session;
    this.#tidiedAt = performance.now();
    await leadership.fenced(async (trx) => {
      await giveUpDeliveries(trx);
      await pruneDeliveries(trx);
      await pruneMutes(trx);
      await pruneAlerts(trx, keepDays, keepAlerts);
    });
  }

  /** After a change of the cluster key, while the former one still counts on every node. */
  async #reseal(): Promise<void> {
    const { clusterKeys, log } = this.#options;
    const { db, leadership } = this.#session;
    const present = keyId(clusterKeys.current);
    if (this.#sealedWith === present) return;
    for (const { id, name, secret } of await sealedOtherwise(db, present)) {
      const plain = secret === null ? null : unseal(clusterKeys.accepted, id, secret);
      if (secret === null || plain === null) continue;
      await leadership.fenced((trx) => resealSecret(trx, id, secret, seal(clusterKeys.current, id, plain)));
      log.info({ webhook: name }, 'the secret of a webhook was sealed with the present cluster key');
    }
    this.#sealedWith = present;
  }
}
