import type { AuditPage } from '../../../server-bundle/contract/index.ts';
import type { AuditRecords, ParsedArgsOf } from '../../contract/index.ts';

/** The question as a node takes it: times in ISO 8601, what is left out not named. */
export function auditQuery({ since, until, before, limit, ...exact }: Omit<ParsedArgsOf<'audit.list'>, 'clusterId'>): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(exact).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    ...(before === undefined ? {} : { cursor: String(before) }),
    limit: String(limit),
  };
}

export function auditOf({ entries, cursor }: AuditPage): AuditRecords {
  return { entries: entries.map((entry) => ({ ...entry, at: Date.parse(entry.at) })), more: cursor !== null };
}
