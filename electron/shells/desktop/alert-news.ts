import type { AlertPicture } from '../../contract/index.ts';

/** One notification of the operating system. */
export interface News {
  readonly title: string;
  readonly body: string;
  /** stays until it is dismissed, where the platform knows such a thing */
  readonly urgent: boolean;
}

/** More new alerts at once than this are told in one notification: a whole cluster that fails is one piece of news. */
const mostAtOnce = 3;

type Alert = AlertPicture['alerts'][number];

/**
 * Decides what of each picture is news: an alert once, when it is first seen open, and neither muted nor taken over. What was open
 * when the app began is told in one sentence.
 */
export class AlertNews {
  #known: Set<string> | null = null;

  next({ alerts, clusters }: AlertPicture): News[] {
    const loud = alerts.filter(({ mutedUntil, acknowledged }) => mutedUntil === null && acknowledged === null);
    const known = this.#known;
    if (known === null) {
      // nothing is known before the clusters have been asked
      if (clusters.length > 0 && clusters.every(({ freshness, problem }) => freshness === 'unknown' && problem === null)) return [];
      this.#known = new Set(loud.map(({ id }) => id));
      return loud.length === 0 ? [] : [summary(loud)];
    }
    const fresh = loud.filter(({ id }) => !known.has(id));
    // what is muted now is news again once the mute is over; what is gone never comes back under its id
    this.#known = new Set(loud.map(({ id }) => id));
    return fresh.length > mostAtOnce ? [summary(fresh)] : fresh.map(single);
  }
}

function single({ title, clusterName, message, severity, source }: Alert): News {
  return { title: `${clusterName}: ${title}`, body: source === 'app' ? `${message} (seen from this app)` : message, urgent: severity === 'bad' };
}

function summary(alerts: readonly Alert[]): News {
  const names = [...new Set(alerts.map(({ clusterName }) => clusterName))].join(', ');
  const titles = [...new Set(alerts.map(({ title }) => title))].join(', ');
  return { title: `${names}: ${String(alerts.length)} open ${alerts.length === 1 ? 'alert' : 'alerts'}`, body: titles, urgent: alerts.some(({ severity }) => severity === 'bad') };
}
