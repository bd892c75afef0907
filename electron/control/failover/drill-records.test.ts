import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { DrillReport } from '../../contract/index.ts';
import { Journal } from '../journal/index.ts';
import { openState } from '../state/index.ts';
import { drillEntryType, drillSentence, pastDrills } from './drill-records.ts';

const report = (masterAfterMs: number): DrillReport => ({
  killedNodeId: 'node-1', epochBefore: 3, newMaster: 'node-2', epochAfter: 4, masterAfterMs, probes: { sent: 90, failed: 0, slowestMs: 210 }, restoredAfterMs: 1500,
});

it('reads the drills of one cluster back, newest first, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-drills-'));
  const state = openState(folder);
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const journal = new Journal(state);
  const write = (clusterId: string, type: string, detail: object, at: number) => journal.write({ clusterId, source: 'operator', severity: 'info', type, nodeId: 'node-1', message: '', detail: { ...detail, by: 'cli' }, at });
  write('demo', drillEntryType, report(300), 1);
  write('art', drillEntryType, report(900), 2);
  write('demo', 'failover.handOver', { nodeId: 'node-2', epoch: 5 }, 3);
  write('demo', drillEntryType, { masterAfter: '300 ms' }, 4);
  write('demo', drillEntryType, report(250), 5);
  expect(pastDrills(journal, 'demo')).toEqual([{ ...report(250), at: 5 }, { ...report(300), at: 1 }]);
  expect(drillSentence(report(250))).toBe('Drill: node-1 was killed, node-2 was master after 250 ms');
});
