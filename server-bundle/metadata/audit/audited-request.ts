import { AsyncLocalStorage } from 'node:async_hooks';
import type { NewAuditEntry } from './audit-entries.ts';

/** The request that a piece of work belongs to, as far as the audit log is concerned. */
export interface AuditedRequest {
  /** The entry as it stands now, for a change that is about to be committed; null for a request that changes nothing in the sense of the log. */
  entry(status: number): NewAuditEntry | null;
  /** set once an entry was committed with its change */
  written: boolean;
}

/**
 * Carries the request to the commits that it leads to, through everything that lies between: each change is then audited in its own transaction, whichever format
 * or API it came by, and nothing in between has to pass it on.
 */
const requests = new AsyncLocalStorage<AuditedRequest>();

export function withinRequest<T>(request: AuditedRequest, work: () => T): T {
  return requests.run(request, work);
}

/** Undefined for work of the node itself. */
export function auditedRequest(): AuditedRequest | undefined {
  return requests.getStore();
}
