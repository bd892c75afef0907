import type { BudgetExplanation, DatabaseBudget, DemoPlan, DemoProgress, DrillHistory, JournalEntry, LogLine } from '../../electron/contract/index.ts';

export function fakePlan(nodes: number, port: number, exists: boolean): DemoPlan {
  return {
    dataDir: '/home/ops/.local/share/bulkhead/demo', exists,
    parts: [
      { kind: 'database', name: 'PostgreSQL 18.4', address: '127.0.0.1, a free port', detail: 'metadata, in the data folder' },
      { kind: 'filestore', name: 'shared folder', address: 'filestore/ in the data folder', detail: 'the bytes of all artifacts' },
      ...Array.from({ length: nodes }, (_, index) => ({ kind: 'node' as const, name: `node-${index + 1}`, address: '127.0.0.1, a free port', detail: 'artifact server' })),
      { kind: 'balancer', name: 'balancer', address: `http://127.0.0.1:${port}`, detail: 'the address for your build tools' },
    ],
    warnings: nodes > 5 ? ['More than five nodes share the 100 connections of this PostgreSQL: their pools will be small.'] : [],
  };
}

const steps = [['prepare', 'Checking the data folder'], ['initdb', 'Creating the database'], ['database', 'Starting PostgreSQL'], ['migrate', 'Creating the schema'], ['nodes', 'Starting 3 nodes'], ['balancer', 'Starting the balancer']] as const;

export function fakeProgress(lifecycle: DemoProgress['lifecycle'], step: number, failed = false): DemoProgress {
  const [name, label] = steps[Math.min(step, steps.length - 1)] ?? steps[0];
  const starting = lifecycle === 'starting';
  return {
    lifecycle, step: starting ? name : lifecycle === 'running' ? 'ready' : null, stepIndex: Math.min(step + 1, steps.length), stepCount: steps.length,
    label: starting ? label : lifecycle === 'running' ? 'The cluster serves' : 'Off', next: starting ? steps[step + 1]?.[1] ?? null : null, elapsedMs: step * 620,
    failure: failed ? {
      code: 'PORT_IN_USE', message: 'Port 8080 is taken', hint: 'Stop what listens there, or choose another port.',
      details: { step: 'balancer', port: 8080, lastLines: ['{"level":"info","msg":"balancer starting"}', 'Error: listen EADDRINUSE: address already in use 127.0.0.1:8080'] },
    } : null,
  };
}

/** What a cluster's nodes and others hold, and what would fit. */
function sizing(database: DatabaseBudget): Partial<BudgetExplanation> {
  const count = Math.max(1, database.grants.length);
  const at = (nodes: number): NonNullable<BudgetExplanation['recommended']>[number] => {
    const each = Math.floor(database.budget / nodes) - 1;
    const outside = database.maxConnections - database.budget;
    return {
      nodes, poolMax: each >= 5 ? Math.min(25, each) : null, maxConnectionsForWanted: outside + nodes * 26, maxConnectionsForMinimum: outside + nodes * 6,
      sentence: each >= 25 ? `${nodes} × (25 + 1) = ${nodes * 26} of ${database.budget}: everybody gets what is wanted.` : `${nodes} × (${each} + 1) = ${nodes * (each + 1)} of ${database.budget}: pools of ${each} instead of 25.`,
    };
  };
  return {
    holders: [
      ...database.grants.map(({ nodeId, observed }) => ({ nodeId, user: 'bulkhead', application: `bulkhead:${nodeId}`, database: 'bulkhead', client: '10.0.4.11', connections: observed, idle: Math.round(observed / 2) })),
      { nodeId: null, user: 'grafana', application: 'grafana', database: 'bulkhead', client: '10.0.4.40', connections: 9, idle: 8 },
      { nodeId: null, user: 'postgres', application: 'psql', database: 'postgres', client: 'local', connections: 1, idle: 1 },
      { nodeId: null, user: 'backup', application: '', database: 'bulkhead', client: '10.0.4.41', connections: 2, idle: 0 },
    ],
    warnings: [
      { code: 'foreign-sessions', message: '12 sessions are not of this cluster, and 10 connections are kept for others.', fix: 'Give grafana a smaller pool, or keep more for others.' },
      ...(database.free < 26 ? [{ code: 'next-node-does-not-fit' as const, message: `One more node needs 26 connections, ${database.free} are free.`, fix: 'Raise max_connections, or make the pools smaller.' }] : []),
    ],
    recommended: [at(count), at(count + 1)],
    pools: database.grants.map(({ nodeId, pool }) => ({ nodeId, poolMin: 5, poolMax: 25, source: 'configuration', granted: pool, target: pool })),
    pooler: null,
  };
}

export function fakeBudget(database: DatabaseBudget): BudgetExplanation {
  const needs = database.wantedPerNode;
  const fits = database.free >= needs;
  return {
    asOf: new Date().toISOString(), database,
    arithmetic: [
      { label: 'max_connections of the server', value: database.maxConnections, sign: '' },
      { label: 'superuser_reserved_connections', value: database.superuserReserved, sign: '−' },
      { label: 'reserved_connections', value: database.reserved, sign: '−' },
      { label: 'kept for others and for starting nodes', value: database.kept, sign: '−' },
      { label: 'budget of the cluster', value: database.budget, sign: '=' },
      { label: `granted to ${database.grants.length} nodes`, value: database.granted, sign: '−' },
      { label: 'free', value: database.free, sign: '=' },
    ],
    oneMoreNode: {
      fits, needs, free: database.free, poolAfter: null, sentence: fits ? `${database.free} free, ${needs} needed` : `${database.free} free, ${needs} needed: ${needs - database.free} short`,
      maxConnectionsNeeded: fits ? null : database.maxConnections + needs - database.free,
    },
    ...(database.host === '127.0.0.1' ? {} : sizing(database)),
  };
}

const messages: [JournalEntry['type'], JournalEntry['severity'], JournalEntry['source'], string][] = [
  ['node.serving', 'info', 'cluster', 'node-2 serves'],
  ['master.changed', 'warning', 'cluster', 'node-3 became the master of epoch 6, 38 ms after node-2 handed over'],
  ['node.lost', 'bad', 'observed', 'node-2 does not answer any more'],
  ['demo.node.kill', 'warning', 'operator', 'node-2 was killed from the console'],
  ['task.finished', 'info', 'cluster', 'Collection removed 14 blobs, 212 MB'],
  ['grant.changed', 'info', 'cluster', 'node-1 was granted 25 connections'],
  ['node.drained', 'info', 'cluster', 'node-1 is drained'],
];

/** Drills of the last hour, newest first. */
export function fakeDrills(count: number): DrillHistory['drills'] {
  return Array.from({ length: count }, (_, index) => ({
    at: Date.now() - 60_000 * (index + 1), killedNodeId: `node-${1 + (index % 3)}`, epochBefore: 40 - index, newMaster: `node-${1 + ((index + 1) % 3)}`, epochAfter: 41 - index,
    masterAfterMs: 190 + ((index * 67) % 140) + (index % 11 === 0 ? 420 : 0), probes: { sent: 118 + (index % 9), failed: 0, slowestMs: 180 + ((index * 31) % 210) }, restoredAfterMs: 1400 + ((index * 53) % 300),
  }));
}

export function fakeJournal(count: number): JournalEntry[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index): JournalEntry => {
    const [type, severity, source, message] = messages[(index * 5) % messages.length] ?? ['node.serving', 'info', 'cluster', ''];
    return { id: count - index, at: now - index * index * 900 - index * 7_300, clusterId: 'demo', source, severity, type, nodeId: /node-\d/.exec(message)?.[0] ?? null, message, detail: { epoch: 6, causedBy: 'hand-over' } };
  });
}

const paths = ['generic-local/tools/linter-4.2.tgz', 'maven-releases/org/acme/core/2.1/core-2.1.jar', 'maven-releases/org/acme/core/maven-metadata.xml', 'generic-local/images/base.img'];

export function fakeLogLine(at: number, index: number): LogLine {
  if (index % 17 === 5) return { at, level: 'warn', topic: 'database', text: 'slow statement, 48 ms: folder listing' };
  if (index % 29 === 7) return { at, level: 'info', topic: 'cluster', text: 'holds the caching right again' };
  const method = index % 6 === 0 ? 'PUT' : index % 5 === 0 ? 'HEAD' : 'GET';
  return { at, level: 'info', topic: method, text: `${paths[index % paths.length] ?? ''} ${method === 'PUT' ? 201 : 200} ${(0.6 + (index % 9) * 0.7).toFixed(1)} ms` };
}
