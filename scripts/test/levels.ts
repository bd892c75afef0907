/** Something of the system that a level of tests cannot do without. */
export type Need = 'chromium' | 'maven' | 'setpriv' | 'ps' | 'curl' | 'lan-hosts' | 'balancers' | 'python-clients' | 'skopeo' | 'docker-registry' | 'promtool' | 'pgbouncer';

/** One level of tests: a project of vitest.config.ts. Each has the machine for itself. */
export interface Level {
  readonly project: string;
  readonly title: string;
  readonly needs: readonly Need[];
  /** the level is stopped, and has failed, after this time; milliseconds */
  readonly limitMs: number;
}

const minutes = (count: number): number => count * 60_000;

export const levels: readonly Level[] = [
  { project: 'unit', title: 'unit', needs: ['setpriv'], limitMs: minutes(12) },
  { project: 'cluster', title: 'real nodes, real database, real balancers', needs: ['setpriv', 'ps', 'balancers', 'docker-registry', 'promtool', 'pgbouncer'], limitMs: minutes(50) },
  { project: 'chaos', title: 'client histories under faults', needs: ['setpriv', 'ps'], limitMs: minutes(15) },
  { project: 'lab', title: 'LAN lab: hosts with their own addresses, systemd and sshd', needs: ['setpriv', 'ps', 'lan-hosts', 'balancers', 'maven'], limitMs: minutes(35) },
  { project: 'clients', title: 'real build tools through the balancer', needs: ['setpriv', 'ps', 'maven', 'curl', 'python-clients', 'skopeo'], limitMs: minutes(30) },
  { project: 'electron-host', title: 'built main and preload, windows in Chromium', needs: ['setpriv', 'ps', 'chromium'], limitMs: minutes(5) },
  { project: 'screens', title: 'screens in Chromium', needs: ['setpriv', 'ps', 'chromium'], limitMs: minutes(20) },
];

/** Announced, so that nobody takes a green run for more than it is. */
export const notBuiltYet: readonly string[] = [];
