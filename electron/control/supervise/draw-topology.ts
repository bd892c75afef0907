import type { Topology } from '../../contract/index.ts';
import { drawNode, isViewKnown } from './draw-node.ts';
import { freshnessOf } from './freshness.ts';
import type { Observation } from './observation.ts';

/** The picture of a cluster, from what is known of it: a pure function, so that every rule of honesty can be tested. */
export function drawTopology(seen: Observation): Topology {
  const viewAge = seen.view === null ? null : seen.now - seen.view.at;
  const known = isViewKnown(seen) && seen.lifecycle !== 'off';
  const view = known ? seen.view?.value ?? null : null;
  const master = view?.master ?? null;
  return {
    clusterId: seen.clusterId,
    name: seen.name,
    kind: seen.kind,
    at: seen.wallClock,
    lifecycle: seen.lifecycle,
    failure: seen.failure,
    freshness: seen.lifecycle === 'off' ? 'live' : freshnessOf(viewAge, seen.intervalMs),
    balancer: drawBalancer(seen),
    nodes: nodesOf(seen).map(({ nodeId, url }) => drawNode(seen, nodeId, url)),
    master,
    masterlessMs: master !== null || seen.masterSeenAt === null ? null : Math.round(seen.now - seen.masterSeenAt),
    database: view?.database ?? null,
    databaseState: databaseState(seen, view !== null),
    filestore: view?.filestore ?? null,
    collectionLocked: view?.collectionLocked ?? null,
    lastHeard: lastHeard(seen),
  };
}

/** Addresses stay true when nobody answers any more, which is when they are looked for. */
function lastHeard({ lifecycle, view, now }: Observation): Topology['lastHeard'] {
  if (lifecycle === 'off' || view === null) return null;
  const { database: { host, port, name }, filestore } = view.value;
  return { ageMs: Math.round(now - view.at), database: `${host}:${String(port)}/${name}`, filestore: filestore.path };
}

/** Nodes of the inventory, and whoever else the cluster says is a live member. */
function nodesOf(seen: Observation): { nodeId: string; url: string }[] {
  const known = new Set(seen.inventory.map((node) => node.nodeId));
  const others = (seen.view?.value.nodes ?? []).filter((node) => !known.has(node.nodeId) && node.observed !== 'stopped' && node.observed !== 'unreachable');
  return [...seen.inventory, ...others.map(({ nodeId, url }) => ({ nodeId, url }))];
}

function drawBalancer(seen: Observation): Topology['balancer'] {
  if (seen.balancer === null) return null;
  const { url, process, status } = seen.balancer;
  const freshness = process === 'stopped' ? 'live' : freshnessOf(status === null ? null : seen.now - status.at, seen.intervalMs);
  const isHeard = status !== null && freshness !== 'unknown' && process !== 'stopped';
  return {
    kind: 'embedded',
    url,
    state: balancerState(process, freshness),
    sticky: true,
    freshness,
    backends: isHeard ? status.value.backends.map(({ nodeId, health, requestsPerSecond, bytesPerSecond }) => ({ nodeId, health, requestsPerSecond, bytesPerSecond })) : [],
  };
}

function balancerState(process: string | null, freshness: Topology['freshness']): NonNullable<Topology['balancer']>['state'] {
  if (process === 'stopped') return 'stopped';
  if (freshness === 'live') return 'serving';
  return process === 'starting' ? 'unknown' : 'unreachable';
}

function databaseState(seen: Observation, isViewKnownNow: boolean): Topology['databaseState'] {
  if (seen.databaseProcess !== null && seen.databaseProcess !== 'running') return seen.lifecycle === 'off' ? 'unknown' : 'down';
  if (seen.databaseRefused) return 'down';
  return isViewKnownNow ? 'up' : 'unknown';
}
