import { randomUUID } from 'node:crypto';
import { alertMute, type AlertMute, type NewAlertMute } from '../../../server-bundle/contract/index.ts';
import type { Alert } from '../../contract/index.ts';
import {
  deleteAcknowledgementRow, deleteMuteRow, listAcknowledgementRows, listMuteRows, putAcknowledgementRow, putMuteRow, type MuteOrigin, type State,
} from '../state/index.ts';

type Acknowledged = NonNullable<Alert['acknowledged']>;

/** Begins the id of a mute that only this app keeps. */
const ownPrefix = 'app/';

/**
 * What this app has to remember of alerts that no cluster keeps: who takes care of those that only it sees, and which mutes count while a cluster
 * says nothing. Lies in the app's state, so that the next start and the other programs of this machine know it as well.
 */
export class AlertBook {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** Who takes care, by rule and subject. */
  acknowledgements(clusterId: string): ReadonlyMap<string, Acknowledged> {
    return new Map(listAcknowledgementRows(this.#state, clusterId).map(({ alert, ...acknowledged }) => [alert, acknowledged]));
  }

  acknowledge(clusterId: string, alert: string, acknowledged: Acknowledged): void {
    putAcknowledgementRow(this.#state, clusterId, { alert, ...acknowledged });
  }

  /** The alert is over: the next one of its kind is news again. */
  forget(clusterId: string, alert: string): void {
    deleteAcknowledgementRow(this.#state, clusterId, alert);
  }

  /** Mutes of one origin that have not ended. @param now milliseconds since 1970 */
  mutes(clusterId: string, origin: MuteOrigin, now: number): AlertMute[] {
    return listMuteRows(this.#state, clusterId).filter((row) => row.origin === origin).map(({ mute }) => alertMute.parse(JSON.parse(mute))).filter(({ until }) => Date.parse(until) > now);
  }

  /** A mute of what this app sees, for a cluster that cannot be asked. */
  mute(clusterId: string, { seconds, ...mute }: NewAlertMute, by: string, now: number): AlertMute {
    const made = { ...mute, id: `${ownPrefix}${randomUUID()}`, by, createdAt: new Date(now).toISOString(), until: new Date(now + seconds * 1000).toISOString() };
    putMuteRow(this.#state, clusterId, { id: made.id, origin: 'app', mute: JSON.stringify(made) });
    return made;
  }

  /** True when there was such a mute. */
  unmute(clusterId: string, muteId: string): boolean {
    return deleteMuteRow(this.#state, clusterId, muteId);
  }

  /** Keeps what the cluster said last. */
  heard(clusterId: string, mutes: readonly AlertMute[]): void {
    const rows = listMuteRows(this.#state, clusterId).filter(({ origin }) => origin === 'cluster');
    const now = new Map(mutes.map((mute) => [mute.id, JSON.stringify(mute)]));
    if (rows.length === now.size && rows.every(({ id, mute }) => now.get(id) === mute)) return;
    this.#state.transaction(() => {
      for (const { id } of rows) deleteMuteRow(this.#state, clusterId, id);
      for (const [id, mute] of now) putMuteRow(this.#state, clusterId, { id, origin: 'cluster', mute });
    }).immediate();
  }
}

export function isOwnMute(muteId: string): boolean {
  return muteId.startsWith(ownPrefix);
}
