import { paths } from '../provision/index.ts';

/** What runs leave on a host: their record, and what their switch has printed. */
export const stateFolder = paths.state;
export const runsFolder = `${stateFolder}/runs`;

/** The record of a run, for any program that finds it: plan and progress, no secret. */
export function recordFile(runId: string): string {
  return `${runsFolder}/${runId}.json`;
}

/** What one attempt at the switch of a host says while it works. */
export function progressFile(runId: string, attempt: number): string {
  return `${runsFolder}/${runId}.${attempt}.log`;
}

export function scriptFile(runId: string, attempt: number): string {
  return `${runsFolder}/${runId}.${attempt}.sh`;
}

/** The transient unit in which a switch runs: it belongs to the host, not to the connection that started it. */
export function switchUnit(runId: string, attempt: number): string {
  return `bulkhead-switch-${runId.slice(0, 8)}-${attempt}.service`;
}

export const releasesFolder = paths.releases;
