import { AsyncLocalStorage } from 'node:async_hooks';
import type { Reader } from '../../cluster/ports.ts';
import type { NewAuditEntry } from './audit-entries.ts';

/** The request that a piece of work belongs to, as far as its commits are concerned: who may make them, and what the audit log says of them. */
export interface AuditedRequest {
  /** The entry as it stands now, for a change that is about to be committed; null for a request that changes nothing in the sense of the log. */
  entry(status: number): NewAuditEntry | null;
  /** set once an entry was committed with its change */
  written: boolean;
  /**
   * Whether who sent it still may do what was allowed so far, asked inside the transaction that is about to commit.
   * @throws FORBIDDEN, CREDENTIALS_INVALID, AUTHENTICATION_REQUIRED
   */
  confirm(trx: Reader): Promise<void>;
}

/**
 * Carries the request to the commits that it leads to, through everything that lies between: each change is then audited in its own transaction and
 * confirmed at its end, whichever format or API it came by, and nothing in between has to pass it on.
 */
const requests = new AsyncLocalStorage<AuditedRequest>();

export function withinRequest<T>(request: AuditedRequest, work: () => T): T {
  return requests.run(request, work);
}

/** Undefined for work of the node itself. */
export function auditedRequest(): AuditedRequest | undefined {
  return requests.getStore();
}
