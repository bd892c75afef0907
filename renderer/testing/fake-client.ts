import type { ArgsOf, CallName, ContractClient, JournalEntry, ResultOf, StreamName } from '../../electron/contract/index.ts';
import { FakeCluster } from './fake-cluster.ts';
import { fakeBudget, fakeJournal, fakeLogLine, fakePlan, fakeProgress } from './fake-records.ts';
import type { Scenario } from './scenarios.ts';

type Answers = { [N in CallName]: (args: ArgsOf<N>) => Promise<ResultOf<N>> | ResultOf<N> };
type Streams = { [N in StreamName]: (args: ArgsOf<N>, send: (item: ResultOf<N>) => void) => () => void };

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const refusal = (code: string, message: string, hint: string, details?: unknown): Error => Object.assign(new Error(message), { code, hint, details });

/** A control room made up in the page, for the gallery and for component tests. */
export function createFakeClient(scenario: Scenario): ContractClient {
  let cluster = new FakeCluster(scenario);
  const off = scenario === 'first-run' || scenario === 'start-fails';
  let progress = fakeProgress(scenario === 'start-fails' ? 'failed' : off ? 'off' : 'running', 0, scenario === 'start-fails');
  let exists = !off;
  const journal = fakeJournal(off ? 0 : 340);
  const watchers = new Set<() => void>();
  const journalWatchers = new Set<(entry: JournalEntry) => void>();
  const changed = (): void => watchers.forEach((tell) => tell());
  const note = (message: string, nodeId: string | null = null, severity: JournalEntry['severity'] = 'warning'): void => {
    const entry: JournalEntry = { id: (journal[0]?.id ?? 0) + 1, at: Date.now(), clusterId: 'demo', source: 'operator', severity, type: 'operator', nodeId, message, detail: {} };
    journal.unshift(entry);
    journalWatchers.forEach((tell) => tell(entry));
    changed();
  };
  if (scenario !== 'lost') {
    setInterval(() => {
      cluster.tick();
      changed();
    }, 1_000);
  }
  const begin = async (): Promise<void> => {
    for (let step = 0; step < 6; step += 1) {
      progress = fakeProgress('starting', step);
      changed();
      await wait(700);
    }
    cluster = new FakeCluster('idle');
    exists = true;
    progress = fakeProgress('running', 6);
    note('The demo cluster was started', null, 'info');
  };
  const admin = { user: 'admin', password: 'h7Kq-2mXv-9LpT-c4Rw' };
  const describe = (): ResultOf<'demo.describe'> => ({
    balancer: 'http://127.0.0.1:8080', nodes: cluster.topology().nodes.map(({ nodeId, url, process }) => ({ nodeId, url, pid: process?.pid ?? null })),
    master: cluster.masterId === null ? null : { nodeId: cluster.masterId, epoch: cluster.epoch }, database: { host: '127.0.0.1', port: 54_329, name: 'bulkhead' }, admin,
  });

  const answers: Partial<Answers> = {
    'app.info': () => ({ version: '0.1.0', shell: 'console', platform: 'linux-x64', stateDir: '/home/ops/.local/share/bulkhead', secrets: { protection: 'file', note: 'The console has no keychain to use.' } }),
    'clusters.list': () => summaries(),
    'demo.plan': (args) => fakePlan(args.nodes ?? 3, args.port ?? 8080, exists),
    'demo.start': async () => {
      await begin();
      return describe();
    },
    'demo.stop': async () => {
      await wait(900);
      progress = fakeProgress('off', 0);
      changed();
      return {};
    },
    'demo.reset': async () => {
      await wait(900);
      exists = false;
      progress = fakeProgress('off', 0);
      changed();
      return {};
    },
    'demo.describe': () => describe(),
    'demo.node': async ({ nodeId, action }) => {
      await wait(350);
      if (action === 'restart') {
        cluster.kill(nodeId);
        cluster.start(nodeId);
      } else if (action === 'stop') cluster.kill(nodeId);
      else cluster[action](nodeId);
      note(`${nodeId}: ${action}`, nodeId);
      return {};
    },
    'demo.addNode': async () => {
      await wait(600);
      const room = fakeBudget(cluster.database()).oneMoreNode;
      if (!room.fits) throw refusal('CONNECTION_BUDGET_EXHAUSTED', `There is no room for another node: ${room.sentence}`, 'Raise max_connections, or lower the pools.', { free: room.free, needed: room.needs });
      return { nodeId: cluster.add() };
    },
    'demo.resetPassword': () => ({ user: 'admin', password: 'v3Nn-8sHb-1QzE-k6Yd' }),
    'demo.database': ({ action }) => {
      if (action === 'kill') cluster.killDatabase();
      else cluster.startDatabase();
      note(`The database: ${action}`);
      return {};
    },
    'node.drain': ({ nodeId }) => {
      cluster.drain(nodeId);
      note(`${nodeId} drains`, nodeId);
      return {};
    },
    'node.undrain': ({ nodeId }) => {
      cluster.undrain(nodeId);
      note(`${nodeId} was taken back in`, nodeId);
      return {};
    },
    'budget.explain': () => fakeBudget(cluster.database()),
    'failover.history': () => ({ asOf: new Date().toISOString(), epochs: cluster.epochs }),
    'failover.handOver': async ({ to }) => {
      await wait(300);
      const next = to ?? cluster.serving().find((nodeId) => nodeId !== cluster.masterId);
      if (next === undefined) throw refusal('HANDOVER_FAILED', 'Nobody can take over', 'Name a node that is serving.');
      cluster.elect(next, 'hand-over', 38);
      note(`${next} became the master of epoch ${cluster.epoch}`, next);
      return { nodeId: next, epoch: cluster.epoch };
    },
    'failover.drill': async () => {
      const killed = cluster.masterId ?? 'node-1';
      const before = cluster.epoch;
      cluster.kill(killed);
      changed();
      await wait(1_200);
      changed();
      cluster.start(killed);
      await wait(1_400);
      return { killedNodeId: killed, epochBefore: before, newMaster: cluster.masterId ?? '', epochAfter: cluster.epoch, masterAfterMs: 714, probes: { sent: 131, failed: 0, slowestMs: 212 }, restoredAfterMs: 2_140 };
    },
    'gc.run': () => ({ removed: 14 }),
    'journal.list': async ({ before, text, severity, source, nodeId, limit }) => {
      if (scenario === 'slow') await wait(60_000);
      const fitting = journal.filter((entry) => (before === undefined || entry.id < before) && (severity === undefined || entry.severity === severity) && (source === undefined || entry.source === source)
        && (nodeId === undefined || entry.nodeId === nodeId) && (text === undefined || entry.message.toLowerCase().includes(text.toLowerCase())));
      return { entries: fitting.slice(0, limit ?? 100), more: fitting.length > (limit ?? 100) };
    },
  };

  const onChange = (send: () => void): (() => void) => {
    queueMicrotask(send);
    watchers.add(send);
    return () => watchers.delete(send);
  };
  const summaries = (): ResultOf<'clusters.list'> => [
    { clusterId: 'demo', name: 'demo', kind: 'demo', health: progress.lifecycle !== 'running' ? 'off' : cluster.serving().length === cluster.nodes.length ? 'ok' : 'warning', summary: progress.lifecycle !== 'running' ? 'not running' : `${cluster.serving().length} of ${cluster.nodes.length} serving` },
  ];
  const streams: Partial<Streams> = {
    'clusters.watch': (_args, send) => onChange(() => send(summaries())),
    'demo.progress': (_args, send) => onChange(() => send(progress)),
    'topology.watch': (_args, send) => onChange(() => {
      if (scenario !== 'slow') send(progress.lifecycle === 'running' ? cluster.topology() : { ...cluster.topology(), lifecycle: progress.lifecycle, nodes: [], master: null, database: null, filestore: null, balancer: null });
    }),
    'journal.watch': (_args, send) => {
      journalWatchers.add(send);
      return () => journalWatchers.delete(send);
    },
    'node.log': (_args, send) => {
      let index = 40;
      queueMicrotask(() => send({ reset: true, lines: Array.from({ length: 40 }, (_, line) => fakeLogLine(Date.now() - (40 - line) * 220, line)) }));
      const timer = setInterval(() => {
        index += 1;
        send({ reset: false, lines: [fakeLogLine(Date.now(), index)] });
      }, 700);
      return () => clearInterval(timer);
    },
  };

  return {
    async call(name, args) {
      await wait(20);
      const answer = answers[name];
      if (answer === undefined) throw refusal('METHOD_UNKNOWN', `The gallery does not play "${name}"`, 'No screen of the gallery makes this call.');
      return answer(args);
    },
    subscribe(name, args, on) {
      const stream = streams[name];
      if (stream === undefined) throw refusal('METHOD_UNKNOWN', `The gallery does not play "${name}"`, 'No screen of the gallery makes this call.');
      return stream(args, on.item);
    },
    onConnection(listener) {
      listener(true);
      if (scenario === 'lost') setTimeout(() => listener(false), 400);
      return () => undefined;
    },
  };
}
