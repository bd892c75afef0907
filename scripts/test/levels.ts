/** Something of the system that a level of tests cannot do without. */
export type Need = 'chromium' | 'maven' | 'ivy' | 'setpriv' | 'ps' | 'curl' | 'lan-hosts' | 'balancers' | 'python-clients' | 'skopeo' | 'docker-registry' | 'promtool' | 'pgbouncer';

/** One level of tests: a project of vitest.config.ts. */
export interface Level {
  readonly project: string;
  readonly title: string;
  readonly needs: readonly Need[];
  /** any part of the level is stopped, and has failed, after this time; milliseconds */
  readonly limitMs: number;
  /** seconds that it takes by about on two processors, beside others: the longest begin first, so that all end together */
  readonly seconds: number;
  /** into so many parts it is divided, each a job of its own; 1 when left out */
  readonly shards?: number;
  /** files that hold times against what is promised: they run when all else has ended, with nothing beside them */
  readonly measuring?: readonly string[];
  /** files that take long and look at what others look at more shortly: only `npm test -- --all` runs them */
  readonly long?: readonly string[];
}

const minutes = (count: number): number => count * 60_000;

/** From parts to the whole, as one would read of them. */
export const levels: readonly Level[] = [
  { project: 'unit', title: 'unit', needs: ['setpriv'], limitMs: minutes(40), seconds: 220 },
  {
    project: 'cluster', title: 'real nodes, real database, real balancers', needs: ['setpriv', 'ps', 'balancers', 'docker-registry', 'promtool', 'pgbouncer'], limitMs: minutes(60),
    seconds: 1400, shards: 4, measuring: ['test/cluster/failover.test.ts', 'test/cluster/edge/serve.test.ts'],
    long: ['test/cluster/balancers/under-load.test.ts', 'test/cluster/demo-crash.test.ts'],
  },
  {
    project: 'chaos', title: 'client histories under faults', needs: ['setpriv', 'ps'], limitMs: minutes(40), seconds: 100,
    measuring: ['test/chaos/failover.test.ts', 'test/chaos/hot-reads.test.ts'], long: ['test/chaos/mutants.test.ts'],
  },
  {
    project: 'lab', title: 'LAN lab: hosts with their own addresses, systemd and sshd', needs: ['setpriv', 'ps', 'lan-hosts', 'balancers', 'maven'], limitMs: minutes(60), seconds: 900,
    long: ['killed-balancers', 'killed-runs', 'maintenance', 'odd-logins', 'rotation', 'sudo-password'].map((name) => `test/lab/${name}.test.ts`),
  },
  {
    project: 'clients', title: 'real build tools through the balancer', needs: ['setpriv', 'ps', 'maven', 'ivy', 'curl', 'python-clients', 'skopeo'], limitMs: minutes(60), seconds: 600, shards: 2,
    long: ['test/clients/maven-virtual.test.ts'],
  },
  { project: 'electron-host', title: 'built main and preload, windows in Chromium', needs: ['setpriv', 'ps', 'chromium'], limitMs: minutes(40), seconds: 45 },
  { project: 'screens', title: 'screens in Chromium', needs: ['setpriv', 'ps', 'chromium'], limitMs: minutes(60), seconds: 450, shards: 2 },
];

/** Announced, so that nobody takes a green run for more than it is. */
export const notBuiltYet: readonly string[] = [];
