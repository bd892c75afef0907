import type { DrillHistory, JournalEntry } from '../../../electron/contract/index.ts';
import { FakeCluster, lanIdentity } from '../fake-cluster.ts';
import { fakeDrills, fakeJournal, fakeProgress } from '../fake-records.ts';
import type { Scenario } from '../scenarios.ts';

/** What the areas of the made-up control room share: the demo cluster, its journal, and who watches. */
export class FakeWorld {
  readonly scenario: Scenario;
  readonly #watchers = new Set<() => void>();
  readonly #readers = new Set<(entry: JournalEntry) => void>();
  readonly journal: JournalEntry[];
  readonly drills: DrillHistory['drills'];
  /** the demo cluster */
  cluster: FakeCluster;
  /** the cluster on hosts */
  readonly lan: FakeCluster;
  progress: ReturnType<typeof fakeProgress>;
  exists: boolean;

  constructor(scenario: Scenario) {
    const off = scenario === 'first-run' || scenario === 'start-fails';
    this.scenario = scenario;
    this.cluster = new FakeCluster(scenario.startsWith('lan-') ? 'running' : scenario);
    this.lan = new FakeCluster(scenario === 'lan-trouble' || scenario === 'lan-new' ? scenario : 'running', lanIdentity);
    this.progress = fakeProgress(scenario === 'start-fails' ? 'failed' : off ? 'off' : 'running', 0, scenario === 'start-fails');
    this.exists = !off;
    this.journal = fakeJournal(off ? 0 : 340);
    this.drills = fakeDrills(off ? 0 : 24);
    if (this.hasLan) this.journal.push(...fakeJournal(60).map((entry) => ({ ...entry, id: entry.id - 1_000, clusterId: 'berlin', nodeId: entry.nodeId?.replace('node', 'art') ?? null, message: entry.message.replaceAll('node-', 'art-') })));
    if (scenario === 'lost') return;
    setInterval(() => {
      this.cluster.tick();
      this.lan.tick();
      this.changed();
    }, 1_000);
  }

  /** whether a cluster on hosts is known here at all */
  get hasLan(): boolean {
    return !['first-run', 'start-fails'].includes(this.scenario);
  }

  of(clusterId: string): FakeCluster {
    return clusterId === 'demo' ? this.cluster : this.lan;
  }

  changed(): void {
    for (const tell of this.#watchers) tell();
  }

  /** Calls `send` soon and after each change. */
  onChange(send: () => void): () => void {
    queueMicrotask(send);
    this.#watchers.add(send);
    return () => this.#watchers.delete(send);
  }

  onEntry(send: (entry: JournalEntry) => void): () => void {
    this.#readers.add(send);
    return () => this.#readers.delete(send);
  }

  note(message: string, nodeId: string | null = null, severity: JournalEntry['severity'] = 'warning', clusterId = 'demo'): void {
    const entry: JournalEntry = { id: (this.journal[0]?.id ?? 0) + 1, at: Date.now(), clusterId, source: 'operator', severity, type: 'operator', nodeId, message, detail: {} };
    this.journal.unshift(entry);
    for (const tell of this.#readers) tell(entry);
    this.changed();
  }
}
