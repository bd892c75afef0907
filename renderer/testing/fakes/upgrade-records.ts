import type { PlannedNode, UpgradeNode, UpgradePlan, UpgradeRun } from '../../../electron/contract/index.ts';

export const upgradeSteps = [
  { step: 'upload', title: 'Upload the release' }, { step: 'drain', title: 'Take it out of the balancer' }, { step: 'idle', title: 'Wait for requests under way' }, { step: 'link', title: 'Switch the link to 1.5.0' },
  { step: 'restart', title: 'Restart the service' }, { step: 'prove', title: 'Prove it: ping, joined, grant, test artifact' }, { step: 'undrain', title: 'Take it back in' },
] as const;

const from = '1.4.0-c41d77e2';
const to = '1.5.0-77ab03fd';
const order = ['art-2', 'art-3', 'art-1'];

/** A cluster of one node, which serves nobody while it is switched. */
export function fakePlanAlone(acceptWarnings: readonly string[]): UpgradePlan {
  const plan = fakePlanOf('allowed');
  const capacity = {
    id: 'capacity', title: 'Enough nodes go on serving', status: 'warning', stops: true, found: 'It is the only node: nobody serves for about 15 s, and clients that do not try again fail',
    arithmetic: '1 serving − 1 at a time = 0 that serve meanwhile', code: 'CAPACITY_TOO_SMALL', hint: 'Add a node first, and no client sees it; or accept "capacity" to switch it all the same.',
  } as const;
  return { ...plan, nodes: plan.nodes.slice(-1).map((node) => ({ ...node, batch: 1 })), seconds: 21, allowed: acceptWarnings.includes('capacity'), checks: plan.checks.map((check) => (check.id === 'capacity' ? capacity : check)) };
}

export function fakePlanOf(outcome: 'allowed' | 'refused', asked = to, batch = 1): UpgradePlan {
  const back = asked !== to;
  const nodes = order.map((nodeId, index): PlannedNode => ({ nodeId, hostId: `host-${nodeId}`, host: nodeId, master: nodeId === 'art-1', from, to: asked, unchanged: asked === from, batch: Math.floor(index / batch) + 1, steps: [...upgradeSteps], removes: back ? [] : ['1.2.0-0be1d2c9'], seconds: back ? 14 : 21 }));
  return {
    clusterId: 'berlin', to: asked, batch, nodes, seconds: Math.ceil(3 / batch) * 21, basis: 'what the last upgrade of these nodes took, and 3 s for each drain',
    allowed: outcome === 'allowed',
    checks: [
      { id: 'hosts', title: 'Hosts', status: outcome === 'allowed' ? 'passed' : 'warning', stops: false, found: outcome === 'allowed' ? 'All three answer' : 'art-3 does not answer: its node would be left out', arithmetic: null, code: null, hint: null },
      { id: 'release', title: 'Release', status: 'passed', stops: false, found: 'Shipped with this app; 39 MB are uploaded to each host', arithmetic: null, code: null, hint: null },
      { id: 'schema', title: 'Schema', status: 'passed', stops: false, found: 'Migration 4 is added; 1.4.0 goes on serving with it', arithmetic: null, code: null, hint: null },
      { id: 'running', title: 'No other upgrade is under way', status: 'passed', stops: false, found: 'No run on these hosts', arithmetic: null, code: null, hint: null },
      outcome === 'allowed'
        ? { id: 'capacity', title: 'Capacity', status: 'passed', stops: false, found: 'Two nodes serve while one is switched', arithmetic: '3 serving − 1 switched = 2, 1 needed', code: null, hint: null }
        : { id: 'capacity', title: 'Capacity', status: 'failed', stops: false, found: 'No other node serves while art-2 is switched', arithmetic: '1 serving − 1 switched = 0, 1 needed', code: 'UPGRADE_LEAVES_NONE', hint: 'Bring another node back first.' },
      { id: 'budget', title: 'The connection budget has room', status: 'passed', stops: false, found: 'Two incarnations of one node fit for the moment of the restart', arithmetic: '100 − 3 superuser − 0 reserved − 10 kept = 87; 12 held by others leave 85; 3 nodes × 7 at least = 21, and 7 to start with', code: null, hint: null },
    ],
    releases: [
      { name: to, version: '1.5.0', own: true, on: [], current: [], schema: 4, usable: true, reason: null },
      { name: from, version: '1.4.0', own: false, on: order, current: order, schema: 3, usable: true, reason: null },
      { name: '1.2.0-0be1d2c9', version: '1.2.0', own: false, on: order, current: [], schema: 1, usable: false, reason: 'the schema has gone on: 1.2.0 knows nothing of migration 3' },
    ],
  };
}

function nodeOf(nodeId: string, batch: number, state: UpgradeNode['state'], stepNumber: number): UpgradeNode {
  const step = upgradeSteps[Math.max(0, stepNumber - 1)];
  const under = state === 'running' || state === 'failed' || state === 'putting-back';
  const failed = state === 'failed' || state === 'put-back';
  return {
    nodeId, hostId: `host-${nodeId}`, host: nodeId, master: nodeId === 'art-1', batch, from, to, state, step: under || failed ? step?.step ?? null : null, stepTitle: under || failed ? step?.title ?? null : null, stepNumber, steps: upgradeSteps.length,
    lines: state === 'waiting' ? [] : failed ? ['bulkhead-node[4181]: {"level":"error","code":"CONFIG_INVALID","msg":"filestore.path: is not mounted"}', 'systemd[1]: bulkhead-node.service: Main process exited, code=exited, status=78/CONFIG'] : ['drained after 1.2 s, nothing in flight', 'current -> releases/1.5.0-77ab03fd'],
    startedAt: state === 'waiting' ? null : Date.now() - 34_000, endedAt: state === 'done' || state === 'put-back' ? Date.now() - 12_000 : null, expectedSeconds: 21,
    failure: failed ? { code: 'NODE_NOT_READY', message: `${nodeId} did not become ready within 60 s after its restart`, hint: 'See what its journal says; the node runs 1.4.0 again.' } : null,
  };
}

/** The second node gets the release at this moment. */
export function fakeUploadingRun(): UpgradeRun {
  const run = fakeUpgradeRun('running');
  const upload = { file: 'node', sentBytes: 18_400_000, totalBytes: 40_900_000, bytesPerSecond: 12_600_000 };
  return { ...run, nodes: [nodeOf('art-2', 1, 'done', 7), { ...nodeOf('art-3', 2, 'running', 1), lines: [], upload }, nodeOf('art-1', 3, 'waiting', 0)] };
}

export function fakeUpgradeRun(state: UpgradeRun['state']): UpgradeRun {
  const failed = state === 'failed';
  const nodes = state === 'done' ? order.map((nodeId, index) => nodeOf(nodeId, index + 1, 'done', 7)) : [nodeOf('art-2', 1, 'done', 7), failed ? nodeOf('art-3', 2, 'put-back', 6) : nodeOf('art-3', 2, state === 'paused' ? 'done' : 'running', 5), nodeOf('art-1', 3, 'waiting', 0)];
  const ended = state === 'done';
  return {
    runId: 'u-20261123-1', kind: 'upgrade', clusterId: 'berlin', to, batch: 1, state, nodes, startedAt: Date.now() - 58_000, endedAt: ended ? Date.now() - 4_000_000 : null, asOf: Date.now(), startedBy: 'ida on ops-7', holder: 'ida on ops-7', here: true,
    holderUntil: Date.now() + 20_000, elapsedSeconds: 58, remainingSeconds: ended || failed ? null : 26, failure: failed ? nodes[1]?.failure ?? null : null,
    can: { pause: state === 'running', resume: state === 'paused' || failed || state === 'interrupted', rollback: state === 'paused' || failed || ended || state === 'interrupted' },
  };
}
