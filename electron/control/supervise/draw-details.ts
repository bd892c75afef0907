import type { HostVitals, Learned, NodeCondition, NodeDetails } from '../../contract/index.ts';
import type { LinkState } from '../host-link/index.ts';
import { freshnessOf } from './freshness.ts';
import type { HostSight, Observation } from './observation.ts';

/** Everything that is known of one node, each group with when it was learned and how; null when there is no such node. */
export function drawDetails(seen: Observation, nodeId: string): NodeDetails | null {
  const address = seen.inventory.find((node) => node.nodeId === nodeId) ?? seen.view?.value.nodes.find((node) => node.nodeId === nodeId);
  if (address === undefined) return null;
  const sight = seen.hosts.get(nodeId) ?? null;
  const track = seen.conditions.get(nodeId) ?? withoutHost(seen, nodeId);
  const { link = null } = sight ?? {};
  return {
    clusterId: seen.clusterId, nodeId, url: address.url, at: seen.wallClock,
    condition: track.condition, sentence: track.sentence, since: track.since, lastKnown: track.lastKnown,
    api: sight?.api ?? { way: 'direct', problem: null },
    host: sight === null ? null : drawHost(seen, sight),
    unit: unitOf(seen, link), process: processOf(seen, link), version: versionOf(seen, nodeId, link), service: serviceOf(seen, nodeId),
    clock: clockOf(seen, link),
  };
}

type Clock = Pick<Observation, 'now' | 'wallClock'>;

/** What a host says of itself, in the words of the contract; null before it said anything. */
export function vitalsOf(clock: Clock, link: LinkState): HostVitals | null {
  const { vitals, intervalMs } = link;
  if (vitals === null) return null;
  const { raw } = vitals;
  return {
    learned: learnedAt(clock, vitals.at, 'ssh', intervalMs),
    hostname: raw.hostname, kernel: raw.kernel, cores: raw.cores, load1: raw.load1, cpuPercent: vitals.cpuPercent,
    memoryTotalBytes: raw.memoryTotalBytes, memoryAvailableBytes: raw.memoryAvailableBytes, uptimeSeconds: Math.round(raw.uptimeSeconds),
    disks: vitals.disks.map(({ purpose, path, mount, device, totalBytes, availableBytes }) => ({ purpose, path, mount, device, totalBytes, availableBytes })),
    clockOffsetMs: vitals.clockOffsetMs, clockUncertaintyMs: vitals.clockOffsetMs === null ? null : Math.ceil(vitals.roundTripMs / 2),
  };
}

function learnedAt({ now, wallClock }: Clock, at: number, how: Learned['how'], intervalMs: number): Learned {
  const ageMs = Math.max(0, Math.round(now - at));
  return { at: Math.round(wallClock - ageMs), ageMs, how, freshness: freshnessOf(ageMs, intervalMs) };
}

function drawHost(seen: Observation, { hostId, name, address, link }: HostSight): NonNullable<NodeDetails['host']> {
  return { hostId, name, address, reachability: link.reachability, since: link.since, problem: link.problem, facts: vitalsOf(seen, link) };
}

function unitOf(seen: Observation, link: LinkState | null): NodeDetails['unit'] {
  const vitals = link?.vitals ?? null;
  if (link === null || vitals === null) return null;
  const { raw, at } = vitals;
  const property = (name: string): string => raw.unit.get(name) ?? '';
  const changedUs = Number(property('StateChangeTimestampMonotonic'));
  return {
    learned: learnedAt(seen, at, 'ssh', link.intervalMs),
    activeState: property('LoadState') === 'not-found' ? 'not-found' : property('ActiveState') || 'unknown',
    subState: property('SubState'), result: property('Result'), restarts: Number(property('NRestarts')) || 0,
    since: changedUs > 0 ? Math.round(raw.clockMs - raw.uptimeSeconds * 1000 + changedUs / 1000) : null,
    pid: Number(property('MainPID')) || null, enabled: property('UnitFileState') === 'enabled',
  };
}

function processOf(seen: Observation, link: LinkState | null): NodeDetails['process'] {
  const vitals = link?.vitals ?? null;
  const process = vitals?.raw.process ?? null;
  if (link === null || vitals === null || process === null) return null;
  const { memoryBytes, threads, openFiles, openFilesLimit } = process;
  return { learned: learnedAt(seen, vitals.at, 'ssh', link.intervalMs), memoryBytes, threads, openFiles, openFilesLimit, cpuPercent: vitals.processCpuPercent };
}

function versionOf(seen: Observation, nodeId: string, link: LinkState | null): NodeDetails['version'] {
  const releases = link?.vitals?.releases ?? null;
  const running = seen.view?.value.nodes.find((node) => node.nodeId === nodeId)?.version ?? '';
  return {
    running: running === '' ? null : running, installed: releases?.installed ?? null, releases: [...releases?.names ?? []],
    // looked at every ten seconds only
    learned: releases === null || link === null ? null : learnedAt(seen, releases.at, 'ssh', 10_000),
  };
}

function serviceOf(seen: Observation, nodeId: string): NodeDetails['service'] {
  const reported = seen.view?.value.nodes.find((node) => node.nodeId === nodeId);
  if (seen.view === null || reported === undefined) return null;
  const { value: view, at } = seen.view;
  const isOwn = view.answeredBy === nodeId;
  const way = seen.hosts.get(nodeId)?.api.way ?? 'direct';
  const how: Learned['how'] = !isOwn ? 'cluster' : way === 'direct' ? 'direct' : 'ssh-http';
  const { inFlight, drainDeadline, caching, pool, rates, incarnation, startedAt, observed } = reported;
  const isMaster = view.master?.nodeId === nodeId;
  return {
    learned: learnedAt(seen, at - (isOwn ? 0 : reported.heartbeatAgeMs ?? 0), how, seen.intervalMs),
    state: seen.words.get(nodeId)?.heard?.value ?? observed, isMaster, epoch: isMaster ? view.master?.epoch ?? null : null, incarnation, startedAt, inFlight, drainDeadline, caching, pool, rates,
  };
}

/** Both are known against this machine's clock only, so both uncertainties count. */
function clockOf(seen: Observation, link: LinkState | null): NodeDetails['clock'] {
  const { clockOffsetMs = null, roundTripMs = 0 } = link?.vitals ?? {};
  if (clockOffsetMs === null || seen.databaseClock === null) return null;
  const { offsetMs, uncertaintyMs } = seen.databaseClock;
  return { offsetMs: Math.round(clockOffsetMs - offsetMs), uncertaintyMs: Math.ceil(roundTripMs / 2 + uncertaintyMs) };
}

/** A node whose process is on this machine: its picture says all. */
function withoutHost(seen: Observation, nodeId: string): { condition: NodeCondition; sentence: string; since: null; lastKnown: null } {
  const process = seen.processes.get(nodeId);
  const reported = seen.view?.value.nodes.find((node) => node.nodeId === nodeId);
  const verdict = ((): { condition: NodeCondition; sentence: string } => {
    if (process?.state === 'stopped') return { condition: 'host-up-node-down', sentence: 'The process does not run' };
    if (process?.state === 'frozen') return { condition: 'node-silent', sentence: 'The process is frozen' };
    if (process?.state === 'starting' || reported === undefined) return { condition: 'starting', sentence: 'The process runs; the cluster has not heard of it' };
    switch (reported.observed) {
      case 'no-database': return { condition: 'cut-off-from-database', sentence: 'The node cannot reach the database' };
      case 'unreachable': return { condition: 'node-silent', sentence: 'The node does not answer' };
      case 'stopped': return { condition: 'host-up-node-down', sentence: 'The node has left the cluster' };
      default: return { condition: reported.observed, sentence: `The node is ${reported.observed}` };
    }
  })();
  return { ...verdict, since: null, lastKnown: null };
}
