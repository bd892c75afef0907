import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError, type AuditEntry, type AuditPage } from '../../../contract/index.ts';
import { findAuditEntries } from '../../../metadata/audit/audit-entries.ts';
import { requireAdmin } from '../../../security/authorize.ts';
import type { RouteModule } from '../../route-module.ts';
import { validated } from '../../validated.ts';

const url = '/artifactory/api/v1/audit';
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const query = z.strictObject({
  user: z.string().optional(),
  action: z.string().optional(),
  repository: z.string().optional(),
  result: z.string().optional(),
  since: time.optional(),
  until: time.optional(),
  cursor: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
  format: z.enum(['json', 'csv']).optional(),
});
const columns = ['id', 'at', 'user', 'via', 'address', 'action', 'operation', 'repository', 'path', 'status', 'result', 'requestId', 'nodeId'] as const satisfies readonly (keyof AuditEntry)[];

/** The audit log, newest first, as JSON or CSV (RFC 4180). Administrators only. */
export const auditRoutes: RouteModule = (app, { runtime }) => {
  app.get(url, async (request, reply) => {
    requireAdmin(request.principal);
    const { cursor, limit, format, ...filter } = validated(query, request.query, 'PARAMETER_INVALID');
    if (filter.since !== undefined && filter.until !== undefined && filter.since > filter.until) {
      throw new BulkheadError('PARAMETER_INVALID', 'since: lies behind until', { details: [{ field: 'since', message: 'lies behind until' }] });
    }
    const entries = await findAuditEntries(runtime.session().db, { ...filter, before: cursor }, limit);
    const last = entries.at(-1);
    const next = entries.length === limit && last !== undefined ? String(last.id) : null;
    void reply.header('cache-control', 'no-store');
    if (format === 'csv' || (format === undefined && wantsCsv(request))) {
      if (next !== null) void reply.header('x-bulkhead-cursor', next);
      return reply.type('text/csv; charset=utf-8; header=present').send(csvOf(entries));
    }
    return { apiVersion: 1, entries, cursor: next } satisfies AuditPage;
  });
};

function wantsCsv({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? '').split(',').some((part) => part.trim().toLowerCase().startsWith('text/csv'));
}

/** @returns lines that end in CRLF, the first with the names of the columns */
export function csvOf(entries: readonly AuditEntry[]): string {
  return [columns.join(','), ...entries.map((entry) => columns.map((column) => cell(entry[column])).join(','))].map((line) => `${line}\r\n`).join('');
}

/** Quoted throughout; what a spreadsheet would take for a formula begins with an apostrophe. */
function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
