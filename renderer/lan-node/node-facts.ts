import type { NodeDetails, WatchedHost } from '../../electron/contract/index.ts';
import { formatBytes, formatCount, formatRate } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import { clockFact, diskFacts, unitFact, type Fact } from './fact-words.ts';

const rate = (value: number | undefined): string => (value === undefined ? '–' : `${formatRate(value)} per s`);

/** What the node says of its work. */
export function serviceFacts(service: NonNullable<NodeDetails['service']>, grant: { pool: number; control: number } | null): Fact[] {
  const { rates, pool } = service;
  const p99Ms = rates?.p99Ms ?? null;
  return [
    { label: 'Requests', value: `${rate(rates?.requestsPerSecond)}, ${formatCount(service.inFlight)} in flight` },
    { label: 'In, out', value: rates === null ? '–' : `${formatBytes(rates.bytesInPerSecond)}, ${formatBytes(rates.bytesOutPerSecond)} per s` },
    { label: 'Statements', value: rate(rates?.queriesPerSecond) },
    { label: 'Request time, p99', value: p99Ms === null ? 'no requests' : formatDuration(p99Ms) },
    { label: 'Event-loop delay, p99', value: rates === null ? '–' : formatDuration(rates.eventLoopP99Ms), tone: (rates?.eventLoopP99Ms ?? 0) > 200 ? 'warn' : undefined },
    { label: 'Pool', value: `${pool.inUse} in use, ${pool.idle} idle, of ${pool.max}` },
    ...(pool.waiting > 0 ? [{ label: 'Waiting for a connection', value: formatCount(pool.waiting), tone: 'warn' as const }] : []),
    { label: 'Connections granted', value: grant === null ? 'none' : `${grant.pool} + ${grant.control}` },
    { label: 'Answers from its cache', value: service.caching ? 'yes' : 'no, asks the database' },
  ];
}

/** The service and its process, as the host sees them. */
export function unitRows(details: Pick<NodeDetails, 'unit' | 'process'>): Fact[] {
  const { unit, process } = details;
  if (unit === null) return [];
  return [
    unitFact(unit),
    { label: 'Restarts', value: formatCount(unit.restarts), tone: unit.restarts > 0 ? 'warn' : undefined },
    ...(unit.enabled ? [] : [{ label: 'At boot', value: 'is not started', tone: 'warn' as const }]),
    ...(process === null ? [] : [
      { label: 'Its CPU', value: process.cpuPercent === null ? '–' : `${Math.round(process.cpuPercent)} % of a core` },
      { label: 'Its memory', value: process.memoryBytes === null ? '–' : formatBytes(process.memoryBytes) },
      ...(process.openFiles === null || process.openFilesLimit === null ? [] : [{ label: 'Open files', value: `${formatCount(process.openFiles)} of ${formatCount(process.openFilesLimit)}`, tone: process.openFiles / process.openFilesLimit > 0.8 ? 'warn' as const : undefined }]),
    ]),
  ];
}

/** The machine under the node. */
export function hostRows(facts: NonNullable<WatchedHost['facts']>, clock: NodeDetails['clock']): Fact[] {
  const cores = `${facts.cores} ${facts.cores === 1 ? 'core' : 'cores'}`;
  const memoryUsed = facts.memoryTotalBytes - facts.memoryAvailableBytes;
  return [
    { label: 'CPU', value: facts.cpuPercent === null ? `${cores}, load ${facts.load1.toFixed(1)}` : `${Math.round(facts.cpuPercent)} % of ${cores}`, tone: (facts.cpuPercent ?? 0) > 90 ? 'warn' : undefined },
    { label: 'Memory', value: `${formatBytes(memoryUsed)} of ${formatBytes(facts.memoryTotalBytes)}`, tone: memoryUsed / Math.max(1, facts.memoryTotalBytes) > 0.92 ? 'warn' : undefined },
    ...diskFacts(facts.disks),
    clockFact(clock),
    { label: 'Up', value: formatDuration(facts.uptimeSeconds * 1000) },
    { label: 'Kernel', value: facts.kernel },
  ];
}
