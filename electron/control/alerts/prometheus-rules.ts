import { stringify } from 'yaml';

/** One alerting rule, over metrics that every node shows at `/artifactory/api/v1/metrics`. */
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: 'warning' | 'critical';
  readonly summary: string;
  readonly description: string;
}

/** Requests that watch a node are answered with 503 while it drains: that is no failure. */
const clients = 'route!~".*/system/(ping|readiness|liveness).*"';

const rules: readonly Rule[] = [
  {
    alert: 'BulkheadNodeUnreachable', expr: 'up{job=~"bulkhead.*"} == 0', for: '1m', severity: 'critical',
    summary: '{{ $labels.instance }} does not answer', description: 'The node gives no metrics. It is down, cut off, or its login for metrics is wrong.',
  },
  {
    alert: 'BulkheadNodeMissing', expr: 'bulkhead_cluster_missing_nodes > 0', for: '1m', severity: 'critical',
    summary: '{{ $value }} nodes of the cluster are missing', description: 'The master misses nodes that were lost or stopped and that nobody drained, whether Prometheus knows them or not.',
  },
  {
    alert: 'BulkheadNodeNotServing', expr: 'bulkhead_node_state{state=~"starting|fenced"} == 1', for: '1m', severity: 'critical',
    summary: '{{ $labels.instance }} runs, but does not serve', description: 'The node is {{ $labels.state }}; its log and /artifactory/api/v1/system/readiness say why.',
  },
  {
    alert: 'BulkheadDatabaseUnreachable', expr: 'bulkhead_node_state{state="no-database"} == 1', for: '30s', severity: 'critical',
    summary: '{{ $labels.instance }} does not reach the database', description: 'Without the database a node can serve nothing.',
  },
  {
    alert: 'BulkheadNoMaster', expr: 'count by (job, cluster) (bulkhead_build_info) unless on (job, cluster) (sum by (job, cluster) (bulkhead_cluster_master) > 0)', for: '30s', severity: 'critical',
    summary: 'The cluster has no master', description: 'Nodes answer, but none of them is the master: nothing is collected, and no alert of the cluster itself is raised.',
  },
  {
    alert: 'BulkheadTwoMasters', expr: 'sum by (job, cluster) (bulkhead_cluster_master) > 1', for: '1m', severity: 'critical',
    summary: '{{ $value }} nodes take themselves for the master', description: 'One of them is fenced off by the database. During a change of master this may be seen for a moment only.',
  },
  {
    alert: 'BulkheadAlertsNotEvaluated', expr: 'time() - bulkhead_cluster_evaluated_timestamp_seconds > 60', for: '1m', severity: 'warning',
    summary: 'The master does not evaluate its alert rules', description: 'Webhooks are told of nothing meanwhile.',
  },
  {
    alert: 'BulkheadHeartbeatLate', expr: 'bulkhead_heartbeat_age_seconds > 1', for: '30s', severity: 'warning',
    summary: 'Heartbeats of {{ $labels.instance }} are {{ $value | humanizeDuration }} late', description: 'The database confirms them too slowly. The node cannot answer from its cache; when it is the master it will lose its lease.',
  },
  {
    alert: 'BulkheadConnectionBudget', expr: 'bulkhead_cluster_used_connections / bulkhead_cluster_budget_connections > 0.85', for: '1m', severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of the connection budget is in use', description: 'Soon no further node can join, and a rolling upgrade has no room. Raise max_connections, or lower the pools.',
  },
  {
    alert: 'BulkheadRequestsWaitForConnection', expr: 'bulkhead_database_pool_waiting_requests > 0', for: '1m', severity: 'warning',
    summary: '{{ $value }} requests of {{ $labels.instance }} wait for a database connection', description: 'Its pool is too small, or the database too slow.',
  },
  {
    alert: 'BulkheadFilestoreUnavailable', expr: 'bulkhead_filestore_available == 0', for: '30s', severity: 'critical',
    summary: '{{ $labels.instance }} cannot use the filestore', description: 'It is not mounted, does not answer, or belongs to another cluster.',
  },
  {
    alert: 'BulkheadFilestoreFillsUp', expr: '1 - min by (job, cluster) (bulkhead_filestore_free_bytes / bulkhead_filestore_size_bytes) > 0.85', for: '5m', severity: 'warning',
    summary: 'The filestore is {{ $value | humanizePercentage }} full', description: 'Make room, or make it larger.',
  },
  {
    alert: 'BulkheadFilestoreNearlyFull', expr: '1 - min by (job, cluster) (bulkhead_filestore_free_bytes / bulkhead_filestore_size_bytes) > 0.95', for: '1m', severity: 'critical',
    summary: 'The filestore is {{ $value | humanizePercentage }} full', description: 'Deploys will fail with 507.',
  },
  {
    alert: 'BulkheadHostDisk', expr: '1 - bulkhead_host_disk_free_bytes / bulkhead_host_disk_size_bytes > 0.9', for: '5m', severity: 'warning',
    summary: 'The disk of {{ $labels.instance }} is {{ $value | humanizePercentage }} full', description: "The file system of the host's operating system and logs.",
  },
  {
    alert: 'BulkheadClockSkew', expr: 'abs(bulkhead_clock_offset_seconds) > 1', for: '1m', severity: 'warning',
    summary: "The clock of {{ $labels.instance }} differs from the database's", description: 'By {{ $value | humanizeDuration }}. Is time synchronization running?',
  },
  {
    alert: 'BulkheadServerErrors',
    expr: `sum by (job, cluster) (rate(bulkhead_http_requests_total{status=~"5..",${clients}}[5m])) / sum by (job, cluster) (rate(bulkhead_http_requests_total{${clients}}[5m])) > 0.01`,
    for: '5m', severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of the requests fail', description: 'Nodes answer with 5xx; behind a balancer clients may not see it, because it asks another node.',
  },
  {
    alert: 'BulkheadEventLoopDelay', expr: 'bulkhead_event_loop_delay_seconds{quantile="0.99"} > 0.5', for: '1m', severity: 'warning',
    summary: '{{ $labels.instance }} is overloaded', description: 'Its event loop is {{ $value | humanizeDuration }} late: it is short of CPU, or something blocks it.',
  },
  {
    alert: 'BulkheadVersionsDiffer', expr: 'count by (job, cluster) (count by (job, cluster, version) (bulkhead_build_info)) > 1', for: '30m', severity: 'warning',
    summary: 'Nodes of {{ $value }} versions serve together', description: 'For longer than a rolling upgrade takes. Finish it, or roll it back.',
  },
];

const header = `# Alerting rules for Bulkhead. Scrape every node, with a login that may read, and give each cluster a label:
#
#   scrape_configs:
#     - job_name: bulkhead
#       metrics_path: /artifactory/api/v1/metrics
#       basic_auth: { username: prometheus, password_file: /etc/prometheus/bulkhead.password }
#       static_configs:
#         - targets: [10.0.4.11:8081, 10.0.4.12:8081, 10.0.4.13:8081]
#           labels: { cluster: artifacts }
`;

function document(): string {
  const groups = [{
    name: 'bulkhead',
    rules: rules.map(({ alert, expr, for: held, severity, summary, description }) => ({ alert, expr, for: held, labels: { severity }, annotations: { summary, description } })),
  }];
  return `${header}${stringify({ groups }, { lineWidth: 0 })}`;
}

/** The same text lies in `resources/prometheus`, for people who take it from there. */
export const prometheusRulesFile = 'bulkhead.rules.yml';
export const prometheusRules: string = document();
