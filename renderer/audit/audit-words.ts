import type { AuditRecord } from '../../electron/contract/index.ts';
import type { Tone } from '../format/states.ts';

/** What somebody can have done, as the log names it. */
export const auditActions = ['read', 'annotate', 'deploy', 'delete', 'manage', 'login'] as const;

/** Results that are chosen by name; the codes of what was refused stand behind them. */
export const auditResults = [
  { result: 'OK', title: 'done' },
  { result: 'refused', title: 'refused' },
  { result: 'FORBIDDEN', title: 'FORBIDDEN: no right to it' },
  { result: 'CREDENTIALS_INVALID', title: 'CREDENTIALS_INVALID: a wrong password or token' },
  { result: 'AUTHENTICATION_REQUIRED', title: 'AUTHENTICATION_REQUIRED: without credentials' },
  { result: 'USER_LOCKED', title: 'USER_LOCKED: too many wrong passwords' },
] as const;

/** A state for the dot before a line: done, not allowed, or failed for another reason. */
export function resultTone({ status, result }: Pick<AuditRecord, 'status' | 'result'>): Tone {
  if (result === 'OK') return 'ok';
  return status === 401 || status === 403 ? 'bad' : 'warn';
}

/** What it was about: a place in a repository, or the address that was asked. */
export function placeOf({ repository, path }: Pick<AuditRecord, 'repository' | 'path'>): string {
  if (repository === null) return path ?? '';
  return path === null || path === '' ? repository : `${repository}/${path}`;
}

/** Codes in the entries at hand that are not offered by name. */
export function furtherResults(entries: readonly AuditRecord[]): string[] {
  const named = new Set<string>(auditResults.map(({ result }) => result));
  return [...new Set(entries.map(({ result }) => result))].filter((result) => !named.has(result)).toSorted();
}
