import { refusal, wait, type FakePart } from './fake-part.ts';
import { hostsOf } from './fake-hosts.ts';
import { FakeRun } from './fake-run.ts';
import { failedProof, nodeJournal } from './fake-steps.ts';
import type { FakeWorld } from './fake-world.ts';

const minute = 60_000;

/** Runs on hosts: some that were, and those that are started in the gallery. */
export function fakeRuns(world: FakeWorld): FakePart {
  const inventory = hostsOf(world);
  const watchers = new Set<(run: FakeRun) => void>();
  const changed = (run: FakeRun): void => {
    for (const tell of watchers) tell(run);
  };
  const at = (nodeId: string) => ({ clusterId: 'berlin', hostId: `host-${nodeId}`, nodeId });
  const make = (nodeId: string, minutesAgo: number, kind: 'provision' | 'remove' = 'provision'): FakeRun => new FakeRun(kind, at(nodeId), Date.now() - minutesAgo * minute, changed);
  const runs: FakeRun[] = world.hasLan ? [
    ...['art-1', 'art-2', 'art-3', 'art-4'].map((nodeId) => make(nodeId, 4_320).upTo('end', 'done')),
    make('art-2', 2_870).upTo('end', 'done', null, true),
    make('art-9', 1_500, 'remove').upTo('end', 'done'),
    make('art-5', 190).upTo('prove', 'failed', { code: 'STEP_FAILED', message: 'The node did not join within 60 s', hint: 'Mount the share of this cluster at /srv/artifacts on art-5, then retry from here.', details: { code: 'NOT_SERVING', exitCode: 69 } }).withCommands([failedProof, nodeJournal]),
    make('art-6', 95).upTo('preflight', 'failed', {
      code: 'PREFLIGHT_FAILED', message: '1.1 GB are free in /opt, 2 GB are needed; Port 8081 is taken by nginx (pid 812)', hint: 'Free space in /opt. Or: give the node another port.',
      details: [{ id: 'disk', found: '1.1 GB are free in /opt, 2 GB are needed', fixes: ['Free space in /opt, or mount something larger there'] }, { id: 'port', found: 'Port 8081 is taken by nginx (pid 812)', fixes: ['systemctl stop nginx', 'Give the nodes of this cluster another port'] }],
    }),
  ] : [];
  if (world.scenario === 'lan-provisioning') runs.push(make('art-5', 0.1).upTo('runtime', 'running').sending(18_090_000), make('art-6', 0.1).upTo('prove', 'failed', { code: 'STEP_FAILED', message: 'The node did not join within 60 s', hint: 'Mount the share of this cluster at /srv/artifacts, then retry from here.' }).withCommands([failedProof, nodeJournal]), make('art-7', 0.1).upTo('end', 'done'), make('lab-1', 0.1).upTo('start', 'running'));
  if (world.scenario === 'lan-interrupted') runs.push(make('art-5', 12).upTo('runtime', 'interrupted'), make('art-6', 12).upTo('preflight', 'cancelled'));

  const find = (runId: string): FakeRun => {
    const run = runs.find(({ detail }) => detail.runId === runId);
    if (run === undefined) throw refusal('RUN_NOT_FOUND', `There is no run "${runId}"`, 'List runs with "bulkhead run list".');
    return run;
  };
  return {
    answers: {
      'runs.list': async () => {
        if (world.scenario === 'slow') await wait(60_000);
        return runs.map(({ summary }) => summary).reverse();
      },
      'runs.show': ({ runId }) => find(runId).detail,
      'runs.resume': ({ runId }) => find(runId).forward(),
      'runs.rollback': ({ runId }) => find(runId).back(),
      'runs.cancel': ({ runId }) => {
        find(runId).cancel();
        return {};
      },
      'nodes.provision': async ({ clusterId, hostIds }) => {
        for (const hostId of hostIds) inventory.requireKey(hostId);
        const begun = hostIds.map((hostId) => new FakeRun('provision', { clusterId, hostId, nodeId: inventory.get(hostId).name }, Date.now(), changed));
        runs.push(...begun);
        return Promise.all(begun.map((run) => run.forward()));
      },
    },
    streams: {
      'runs.watch': (_args, send) => {
        const tell = (run: FakeRun): void => send(run.summary);
        watchers.add(tell);
        return () => watchers.delete(tell);
      },
    },
  };
}
