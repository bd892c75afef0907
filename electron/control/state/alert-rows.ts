import type { State } from './open-state.ts';

export interface AcknowledgementRow {
  /** rule and subject */
  readonly alert: string;
  readonly by: string;
  readonly note: string;
  /** ISO 8601 */
  readonly at: string;
}

/** `app`: made here, because the cluster could not be asked; `cluster`: what the cluster said last. */
export type MuteOrigin = 'app' | 'cluster';

export interface MuteRow {
  readonly id: string;
  readonly origin: MuteOrigin;
  /** JSON */
  readonly mute: string;
}

export function listAcknowledgementRows(state: State, clusterId: string): AcknowledgementRow[] {
  return state.prepare<[string], AcknowledgementRow>('select alert, acknowledged_by as "by", note, at from alert_acknowledgement where cluster_id = ?').all(clusterId);
}

export function putAcknowledgementRow(state: State, clusterId: string, { alert, by, note, at }: AcknowledgementRow): void {
  state.prepare('insert or replace into alert_acknowledgement (cluster_id, alert, acknowledged_by, note, at) values (?, ?, ?, ?, ?)').run(clusterId, alert, by, note, at);
}

export function deleteAcknowledgementRow(state: State, clusterId: string, alert: string): void {
  state.prepare('delete from alert_acknowledgement where cluster_id = ? and alert = ?').run(clusterId, alert);
}

export function listMuteRows(state: State, clusterId: string): MuteRow[] {
  return state.prepare<[string], MuteRow>('select id, origin, mute from alert_mute where cluster_id = ? order by rowid').all(clusterId);
}

export function putMuteRow(state: State, clusterId: string, { id, origin, mute }: MuteRow): void {
  state.prepare('insert or replace into alert_mute (cluster_id, id, origin, mute) values (?, ?, ?, ?)').run(clusterId, id, origin, mute);
}

/** True when there was one. */
export function deleteMuteRow(state: State, clusterId: string, id: string): boolean {
  return state.prepare('delete from alert_mute where cluster_id = ? and id = ?').run(clusterId, id).changes > 0;
}
