import type { Logger } from 'pino';
import type { Session } from '../../cluster/ports.ts';
import { isBulkheadError } from '../../contract/index.ts';
import { claimDeliveries, hasDueDeliveries, recordOutcome, type Claim, type Outcome } from '../../metadata/alerts/delivery-rows.ts';
import type { ClusterKeys } from '../../security/rotating-secrets.ts';
import type { AddressCheck } from './address-rules.ts';
import { pauseAfter } from './backoff.ts';
import { unseal } from './sealed-secret.ts';
import { send, type SendOutcome } from './send.ts';
import { attemptMs, type WebhookConnections } from './webhook-connections.ts';

export interface CourierOptions {
  readonly session: Session;
  readonly connections: WebhookConnections;
  readonly isGood: AddressCheck;
  readonly clusterKeys: Pick<ClusterKeys, 'accepted'>;
  readonly log: Logger;
  /** ends with the mastership */
  readonly signal: AbortSignal;
}

const mostAtOnce = 8;
/**
 * A claimed delivery is nobody else's for this long: its attempt is over by then, or its sender is. An attempt that has not begun by
 * `latestStartMs` is not made, so that a master that was frozen in between does not send beside its successor.
 */
const holdMs = attemptMs + 5000;
const latestStartMs = 3000;

/**
 * Sends what waits to be told, on the master. A claim, an attempt and its outcome are three steps: when the master is lost between the
 * second and the third, its successor sends the same message again, under the same id. It is never lost, and hardly ever sent twice.
 */
export class Courier {
  readonly #options: CourierOptions;
  readonly #busy = new Map<string, Promise<void>>();

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Begins with everything that is due; resolves without waiting for it. */
  async look(): Promise<void> {
    const { session, signal } = this.#options;
    const room = mostAtOnce - this.#busy.size;
    if (room <= 0 || signal.aborted || !await hasDueDeliveries(session.db)) return;
    const asked = performance.now();
    const claims = await session.leadership.fenced((trx, epoch) => claimDeliveries(trx, epoch, [...this.#busy.keys()], room, holdMs));
    for (const claim of claims) {
      const attempt = this.#attempt(claim, asked).finally(() => { this.#busy.delete(claim.webhook.id); });
      this.#busy.set(claim.webhook.id, attempt);
    }
  }

  /** Resolves when nothing is under way any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  async #attempt(claim: Claim, asked: number): Promise<void> {
    const { log, session, signal } = this.#options;
    const about = { webhook: claim.webhook.name, delivery: claim.id, event: claim.event, attempt: claim.attempts };
    try {
      if (signal.aborted || !session.leadership.isMaster() || performance.now() - asked > latestStartMs) return;
      const outcome = await this.#send(claim);
      if (outcome.ok) log.info({ ...about, status: outcome.status }, 'webhook told');
      else log.warn({ ...about, status: outcome.status, failure: outcome.failure }, 'webhook could not be told');
      // not fenced: it is true whoever is the master now, and counts only while the claim does
      await recordOutcome(session.db, claim, outcomeOf(outcome, claim.attempts));
    } catch (error) {
      const lost = isBulkheadError(error, 'NOT_MASTER') || session.signal.aborted;
      log[lost ? 'info' : 'warn']({ ...about, err: lost ? undefined : error }, 'the outcome of a webhook attempt was not recorded: it will be made again');
    }
  }

  async #send({ id, event, body, webhook }: Claim): Promise<SendOutcome> {
    const { connections, isGood, clusterKeys, session } = this.#options;
    const secret = webhook.secret === null ? null : unseal(clusterKeys.accepted, webhook.id, webhook.secret);
    if (webhook.secret !== null && secret === null) return { ok: false, status: null, failure: 'its secret cannot be read with the present cluster key: set it anew', final: false };
    // a former master finishes what it has claimed: nobody else takes it before the claim ends
    return send({ deliveryId: id, event, body, url: webhook.url, secret }, connections, isGood, session.signal);
  }
}

function outcomeOf(outcome: SendOutcome, attempts: number): Outcome {
  if (outcome.ok) return { kind: 'delivered', status: outcome.status };
  return { kind: 'failed', status: outcome.status, failure: outcome.failure, retryMs: outcome.final ? null : pauseAfter(attempts) };
}
