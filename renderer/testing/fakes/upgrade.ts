import type { UpgradeNode, UpgradeRun } from '../../../electron/contract/index.ts';
import { wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';
import { fakePlanAlone, fakePlanOf, fakeUpgradeRun, fakeUploadingRun, upgradeSteps } from './upgrade-records.ts';

/** One second further: the node under way takes its next step, or the next one begins. */
function advance(run: UpgradeRun): UpgradeRun {
  if (run.state !== 'running' && run.state !== 'pausing') return { ...run, asOf: Date.now() };
  const at = run.nodes.findIndex(({ state }) => state !== 'done');
  const node = run.nodes[at];
  if (node === undefined) return { ...run, state: 'done', endedAt: Date.now(), remainingSeconds: null, can: { pause: false, resume: false, rollback: true } };
  if (node.state === 'waiting' && run.state === 'pausing') return { ...run, state: 'paused', can: { pause: false, resume: true, rollback: true } };
  const stepNumber = node.stepNumber + 1;
  const finished = stepNumber > upgradeSteps.length;
  const next: UpgradeNode = finished ? { ...node, state: 'done', endedAt: Date.now() } : { ...node, state: 'running', stepNumber, step: upgradeSteps[stepNumber - 1]?.step ?? null, stepTitle: upgradeSteps[stepNumber - 1]?.title ?? null, startedAt: node.startedAt ?? Date.now() };
  return { ...run, asOf: Date.now(), elapsedSeconds: run.elapsedSeconds + 3, remainingSeconds: Math.max(1, (run.remainingSeconds ?? 3) - 3), nodes: run.nodes.map((known, index) => (index === at ? next : known)) };
}

/** Upgrades: their plan, and a run that goes on by itself. */
export function fakeUpgrade(world: FakeWorld): FakePart {
  let run: UpgradeRun | null = world.scenario === 'lan-upgrading' ? fakeUpgradeRun('running') : world.scenario === 'lan-upgrade-failed' ? fakeUpgradeRun('failed')
    : world.scenario === 'lan-provisioning' ? fakeUploadingRun()
    : world.scenario === 'lan-upgrade-elsewhere' ? { ...fakeUpgradeRun('interrupted'), here: false, holder: 'tom on laptop-3', holderUntil: Date.now() - 60_000 } : null;
  if (world.scenario !== 'lan-upgrading' && world.scenario !== 'lan-provisioning' && world.scenario !== 'lost') {
    setInterval(() => {
      if (run !== null) run = advance(run);
    }, 3_000);
  }
  const set = async (change: (present: UpgradeRun) => UpgradeRun): Promise<UpgradeRun> => {
    await wait(300);
    run = change(run ?? fakeUpgradeRun('running'));
    world.changed();
    return run;
  };
  const past = (): UpgradeRun => ({ ...fakeUpgradeRun('done'), runId: 'u-20261102-1', to: '1.4.0-c41d77e2', startedAt: Date.now() - 21 * 86_400_000, endedAt: Date.now() - 21 * 86_400_000 + 71_000 });
  return {
    answers: {
      'upgrade.plan': async ({ to, batch, acceptWarnings }) => {
        await wait(200);
        if (world.scenario === 'lan-alone') return fakePlanAlone(acceptWarnings ?? []);
        return fakePlanOf(world.scenario === 'lan-trouble' ? 'refused' : 'allowed', to, batch);
      },
      'upgrade.commands': ({ to }) => fakePlanOf('allowed', to).nodes.map(({ nodeId, to: release, removes }) => ({
        nodeId, host: nodeId, script: `#!/bin/sh\n# ${nodeId}. Run as root on that host.\nset -eu\n\nmkdir -m 755 /run/bulkhead.lock\n`,
        steps: [
          { step: 'lock', title: 'Lock the host', probe: [], apply: ['mkdir -m 755 /run/bulkhead.lock'], undo: [], files: [] },
          { step: 'upload', title: 'Put node there', probe: [`test -s /opt/bulkhead/releases/${release}/node`], apply: [`mkdir -p -m 755 /opt/bulkhead/releases/${release}`, `# upload node (113246208 bytes, gzip, SHA-256 5b1f…) to /opt/bulkhead/releases/${release}/node`], undo: [], files: [] },
          { step: 'switch', title: 'On the host, by itself: drain; stop; switch; start; prove', probe: [], apply: ['mkdir -p -m 700 /var/lib/bulkhead/runs', `systemd-run --quiet --collect --unit=bulkhead-switch-RUN-1 sh /var/lib/bulkhead/runs/RUN.1.sh ${release} ${nodeId}`], undo: [], files: [{ path: '/var/lib/bulkhead/runs/RUN.1.sh', content: '#!/bin/sh\nset -u\nto=$1 node=$2\n' }] },
          ...removes.map((name) => ({ step: 'old', title: `Remove releases that nobody goes back to: ${name}`, probe: [], apply: [`mv -T /opt/bulkhead/releases/${name} /opt/bulkhead/removed/${name}`], undo: [], files: [] })),
        ],
      })),
      'upgrade.start': () => set(() => ({ ...fakeUpgradeRun('running'), nodes: fakeUpgradeRun('running').nodes.map((node) => ({ ...node, state: 'waiting', stepNumber: 0, lines: [], endedAt: null })), startedAt: Date.now(), elapsedSeconds: 0, remainingSeconds: 63 })),
      'upgrade.pause': () => set((present) => ({ ...present, state: 'pausing', can: { pause: false, resume: true, rollback: false } })),
      'upgrade.resume': () => set((present) => ({ ...present, state: 'running', here: true, failure: null, nodes: present.nodes.map((node) => (node.state === 'put-back' ? { ...node, state: 'waiting', stepNumber: 0, failure: null } : node)), can: { pause: true, resume: false, rollback: false } })),
      'upgrade.rollback': () => set((present) => ({ ...present, state: 'rolled-back', endedAt: Date.now(), remainingSeconds: null, nodes: present.nodes.map((node) => (node.state === 'waiting' ? node : { ...node, state: 'put-back', endedAt: Date.now() })), can: { pause: false, resume: false, rollback: false } })),
      'upgrade.list': () => [...(run === null ? [] : [run]), past()],
      'upgrade.show': () => run ?? past(),
      'nodes.restart': () => set(() => ({ ...fakeUpgradeRun('running'), kind: 'restart' })),
    },
    streams: { 'upgrade.watch': (_args, send) => world.onChange(() => send(run)) },
  };
}
