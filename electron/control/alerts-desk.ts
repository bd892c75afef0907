import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { Handlers } from '../contract/index.ts';

type AlertOperation = Extract<keyof Handlers, `alerts.${string}`>;

/** Alerts of all clusters: what their masters found, and what only this app sees. */
export class AlertsDesk {
  readonly handlers: Pick<Handlers, AlertOperation>;

  constructor() {
    const refuse = (): never => { throw new BulkheadError('NOT_SUPPORTED', 'Alerts are not there yet'); };
    this.handlers = {
      'alerts.watch': refuse, 'alerts.history': refuse, 'alerts.acknowledge': refuse, 'alerts.mutes': refuse, 'alerts.mute': refuse,
      'alerts.unmute': refuse, 'alerts.rules': refuse, 'alerts.setRule': refuse, 'alerts.webhooks': refuse, 'alerts.putWebhook': refuse,
      'alerts.removeWebhook': refuse, 'alerts.testWebhook': refuse, 'alerts.deliveries': refuse, 'alerts.redeliver': refuse,
      'alerts.prometheusRules': refuse,
    };
  }
}
