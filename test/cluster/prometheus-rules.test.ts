import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { prometheusRules } from '../../electron/control/alerts/prometheus-rules.ts';
import { projectRoot } from '../../scripts/build.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';

const rulesFile = join(projectRoot, 'resources/prometheus/bulkhead.rules.yml');
const alerts = (parse(prometheusRules) as { groups: { rules: { alert: string; expr: string }[] }[] }).groups.flatMap(({ rules }) => rules);

let cluster: TestCluster;
let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder('prometheus');
  cluster = await startCluster({ nodes: 2, balancer: false, config: { alerts: { evaluateMs: 200 } } });
});
afterAll(async () => {
  await cluster.stop();
  await folder.remove();
});

/** Names of metrics with their label names, as one node shows them. */
async function scrape(nodeId: string): Promise<Map<string, Set<string>>> {
  const text = (await cluster.node(nodeId).client.get('/api/v1/metrics')).text();
  const seen = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^([a-z_]+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined || line.startsWith('#')) continue;
    const names = seen.get(name) ?? new Set();
    for (const [, label] of labels.matchAll(/([a-z_]+)="/g)) names.add(label!);
    seen.set(name, names);
  }
  return seen;
}

test('every metric and every label that a rule asks for is shown by real nodes', async () => {
  const { node: master } = await cluster.master();
  const other = cluster.nodes.find((node) => node !== master)!;
  await cluster.nodes[0]!.client.get('/generic-local/nothing.txt');
  const [ofMaster, ofOther] = await waitFor('the first evaluation and the first look at the disk', async () => {
    const both = [await scrape(master.nodeId), await scrape(other.nodeId)] as const;
    return both[0].has('bulkhead_cluster_evaluated_timestamp_seconds') && both.every((each) => each.has('bulkhead_host_disk_free_bytes')) && both;
  });
  const asked = new Set(alerts.flatMap(({ expr }) => [...expr.matchAll(/\bbulkhead_\w+/g)].map(([name]) => name)));
  expect(asked.size).toBeGreaterThan(12);
  expect([...asked].filter((name) => !ofMaster.has(name))).toEqual([]);
  // the rest is known to the master only: nobody else may claim it
  const mastersOwn = [...asked].filter((name) => !ofOther.has(name));
  expect(mastersOwn.sort()).toEqual(['bulkhead_cluster_budget_connections', 'bulkhead_cluster_evaluated_timestamp_seconds', 'bulkhead_cluster_missing_nodes', 'bulkhead_cluster_used_connections']);
  for (const { expr } of alerts) {
    for (const [, name, labels] of expr.matchAll(/(bulkhead_\w+)\{([^}]*)\}/g)) {
      for (const [, label] of labels!.matchAll(/([a-z_]+)[=!]/g)) expect([name, [...ofMaster.get(name!)!]]).toEqual([name, expect.arrayContaining([label])]);
    }
  }
  expect(ofMaster.get('bulkhead_build_info')).toContain('version');
});

interface Situation {
  /** series and their values at each minute; see "Unit testing for rules" of Prometheus */
  readonly series: Readonly<Record<string, string>>;
  readonly fires: readonly string[];
}

const at = (name: string, labels: Readonly<Record<string, string>> = {}): string =>
  `${name}{${Object.entries({ job: 'bulkhead', cluster: 'prod', instance: 'n1:8081', ...labels }).map(([key, value]) => `${key}="${value}"`).join(',')}}`;
const n2 = { instance: 'n2:8081' };

/** Two nodes that are well. */
const calm: Record<string, string> = {
  [at('up')]: '1x60', [at('up', n2)]: '1x60',
  [at('bulkhead_build_info', { version: '1.0.0', node_id: 'n1' })]: '1x60', [at('bulkhead_build_info', { version: '1.0.0', node_id: 'n2', ...n2 })]: '1x60',
  [at('bulkhead_cluster_master')]: '1x60', [at('bulkhead_cluster_master', n2)]: '0x60',
  [at('bulkhead_node_state', { state: 'serving' })]: '1x60', [at('bulkhead_node_state', { state: 'no-database' })]: '0x60', [at('bulkhead_node_state', { state: 'fenced' })]: '0x60',
  [at('bulkhead_cluster_missing_nodes')]: '0x60', [at('bulkhead_cluster_evaluated_timestamp_seconds')]: '0+60x60',
  [at('bulkhead_heartbeat_age_seconds')]: '0.2x60', [at('bulkhead_clock_offset_seconds')]: '-0.02x60',
  [at('bulkhead_cluster_used_connections')]: '40x60', [at('bulkhead_cluster_budget_connections')]: '90x60', [at('bulkhead_database_pool_waiting_requests')]: '0x60',
  [at('bulkhead_filestore_available')]: '1x60', [at('bulkhead_filestore_size_bytes')]: '1000x60', [at('bulkhead_filestore_free_bytes')]: '400x60',
  [at('bulkhead_host_disk_size_bytes')]: '1000x60', [at('bulkhead_host_disk_free_bytes')]: '500x60',
  [at('bulkhead_event_loop_delay_seconds', { quantile: '0.99' })]: '0.01x60',
  [at('bulkhead_http_requests_total', { method: 'GET', route: '/artifactory/:repository/*', status: '200' })]: '0+6000x60',
  [at('bulkhead_http_requests_total', { method: 'GET', route: '/artifactory/api/system/ping', status: '503' })]: '0+600x60',
};

const situations: Readonly<Record<string, Situation>> = {
  calm: { series: {}, fires: [] },
  'a node that is down': { series: { [at('up', n2)]: '0x60' }, fires: ['BulkheadNodeUnreachable'] },
  'a node that the master misses': { series: { [at('bulkhead_cluster_missing_nodes')]: '1x60' }, fires: ['BulkheadNodeMissing'] },
  'a node that is fenced': { series: { [at('bulkhead_node_state', { state: 'fenced' })]: '1x60' }, fires: ['BulkheadNodeNotServing'] },
  'no database': { series: { [at('bulkhead_node_state', { state: 'no-database' })]: '1x60' }, fires: ['BulkheadDatabaseUnreachable'] },
  'no master': { series: { [at('bulkhead_cluster_master')]: '0x60' }, fires: ['BulkheadNoMaster'] },
  'nobody says who is master': { series: { [at('bulkhead_cluster_master')]: '_x60', [at('bulkhead_cluster_master', n2)]: '_x60' }, fires: ['BulkheadNoMaster'] },
  'two masters': { series: { [at('bulkhead_cluster_master', n2)]: '1x60' }, fires: ['BulkheadTwoMasters'] },
  'a change of master between two scrapes': { series: { [at('bulkhead_cluster_master')]: '1x28 1 0x30', [at('bulkhead_cluster_master', n2)]: '0x28 1 1x30' }, fires: [] },
  'rules that nobody evaluates': { series: { [at('bulkhead_cluster_evaluated_timestamp_seconds')]: '600x60' }, fires: ['BulkheadAlertsNotEvaluated'] },
  'late heartbeats': { series: { [at('bulkhead_heartbeat_age_seconds')]: '1.4x60' }, fires: ['BulkheadHeartbeatLate'] },
  'a budget of 86 %': { series: { [at('bulkhead_cluster_used_connections')]: '78x60' }, fires: ['BulkheadConnectionBudget'] },
  'a budget of 84 %': { series: { [at('bulkhead_cluster_used_connections')]: '76x60' }, fires: [] },
  'waiting requests': { series: { [at('bulkhead_database_pool_waiting_requests')]: '3x60' }, fires: ['BulkheadRequestsWaitForConnection'] },
  'no filestore': { series: { [at('bulkhead_filestore_available')]: '0x60' }, fires: ['BulkheadFilestoreUnavailable'] },
  'a filestore at 90 %': { series: { [at('bulkhead_filestore_free_bytes')]: '100x60' }, fires: ['BulkheadFilestoreFillsUp'] },
  'a filestore at 97 %': { series: { [at('bulkhead_filestore_free_bytes')]: '30x60' }, fires: ['BulkheadFilestoreFillsUp', 'BulkheadFilestoreNearlyFull'] },
  'a full disk': { series: { [at('bulkhead_host_disk_free_bytes')]: '50x60' }, fires: ['BulkheadHostDisk'] },
  'a clock that is behind': { series: { [at('bulkhead_clock_offset_seconds')]: '-3x60' }, fires: ['BulkheadClockSkew'] },
  'server errors': { series: { [at('bulkhead_http_requests_total', { method: 'PUT', route: '/artifactory/:repository/*', status: '503' })]: '0+600x60' }, fires: ['BulkheadServerErrors'] },
  'a late event loop': { series: { [at('bulkhead_event_loop_delay_seconds', { quantile: '0.99' })]: '0.9x60' }, fires: ['BulkheadEventLoopDelay'] },
  'two versions': { series: { [at('bulkhead_build_info', { version: '1.0.0', node_id: 'n2', ...n2 })]: '_x60', [at('bulkhead_build_info', { version: '1.1.0', node_id: 'n2', ...n2 })]: '1x60' }, fires: ['BulkheadVersionsDiffer'] },
};

function promtool(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;
if (!hasPromtool) console.warn("promtool is not there (Debian's package prometheus): the Prometheus rules are NOT held against Prometheus itself");

test.skipIf(!hasPromtool)('Prometheus itself takes the rules', () => {
  expect(promtool('check', 'rules', rulesFile)).toMatchObject({ status: 0, output: expect.stringContaining(`${String(alerts.length)} rules found`) as string });
});

test.skipIf(!hasPromtool)('each rule fires in its situation, and in no other', async () => {
  const file = join(folder.path, 'situations.yml');
  const tests = Object.entries(situations).map(([name, { series, fires }]) => ({
    name, interval: '1m', input_series: Object.entries({ ...calm, ...series }).map(([key, values]) => ({ series: key, values })),
    // an expression, and not `alert_rule_test`, so that only names are compared and nothing else may fire
    promql_expr_test: [{
      expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '58m',
      exp_samples: fires.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
    }],
  }));
  await writeFile(file, stringify({ rule_files: [rulesFile], evaluation_interval: '1m', tests }));
  const { status, output } = promtool('test', 'rules', file);
  expect([status, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
  const covered = new Set(Object.values(situations).flatMap(({ fires }) => fires));
  expect(alerts.map(({ alert }) => alert).filter((alert) => !covered.has(alert))).toEqual([]);
});
