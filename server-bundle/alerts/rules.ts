import type { AlertRule, AlertSeverity } from '../contract/index.ts';

/** What a rule is before anybody changes it. */
export interface RuleDefinition {
  readonly rule: string;
  readonly title: string;
  readonly description: string;
  readonly severity: AlertSeverity;
  readonly threshold: { readonly value: number; readonly unit: string; readonly min: number; readonly max: number } | null;
  readonly raiseAfterSeconds: number;
  readonly clearAfterSeconds: number;
}

const share = (value: number): RuleDefinition['threshold'] => ({ value, unit: '%', min: 1, max: 100 });

/** Every rule that a cluster watches. An id never changes its meaning: webhooks, mutes and the app know rules by it. */
export const ruleDefinitions = [
  {
    rule: 'node-down', title: 'Node down', severity: 'bad', threshold: null, raiseAfterSeconds: 10, clearAfterSeconds: 10,
    description: 'A node was lost (killed, cut off, without power) and has not come back. Its clients are served by the others.',
  },
  {
    rule: 'node-stopped', title: 'Node stopped', severity: 'warning', threshold: null, raiseAfterSeconds: 120, clearAfterSeconds: 10,
    description: 'A node left in order, although nobody drained it, and has not come back.',
  },
  {
    rule: 'no-redundancy', title: 'No redundancy', severity: 'bad', threshold: null, raiseAfterSeconds: 30, clearAfterSeconds: 30,
    description: 'Only one node of several serves: the next loss is an outage.',
  },
  {
    rule: 'no-master', title: 'No master', severity: 'bad', threshold: { value: 15, unit: 's', min: 1, max: 86_400 }, raiseAfterSeconds: 0, clearAfterSeconds: 60,
    description: 'For this long no master did its work, because there was none or because it did not reach the database. Found by the next master, or by the same one when it is back.',
  },
  {
    rule: 'two-masters', title: 'Two masters', severity: 'bad', threshold: null, raiseAfterSeconds: 5, clearAfterSeconds: 30,
    description: 'A node takes itself for the master although another one holds the lease. Its work is fenced off, but it should not think so.',
  },
  {
    rule: 'heartbeat-late', title: 'Heartbeat late', severity: 'warning', threshold: { value: 1000, unit: 'ms', min: 100, max: 60_000 }, raiseAfterSeconds: 10, clearAfterSeconds: 30,
    description: 'The database confirms the heartbeats of a node too slowly. Beyond the coherence window the node cannot answer from its cache; beyond the lease it loses the mastership.',
  },
  {
    rule: 'budget', title: 'Database connections', severity: 'warning', threshold: share(85), raiseAfterSeconds: 30, clearAfterSeconds: 60,
    description: 'Most of the connection budget is in use, or the minimum of all nodes takes most of it: soon no further node can join, and a rolling upgrade has no room.',
  },
  {
    rule: 'pool-waiting', title: 'Requests wait for a connection', severity: 'warning', threshold: { value: 1, unit: 'requests', min: 1, max: 100_000 }, raiseAfterSeconds: 30, clearAfterSeconds: 30,
    description: "Requests of a node wait for a database connection: its pool is too small, or the database too slow.",
  },
  {
    rule: 'filestore-unreachable', title: 'Filestore unreachable', severity: 'bad', threshold: null, raiseAfterSeconds: 5, clearAfterSeconds: 10,
    description: 'A node cannot use the filestore: not mounted, not answering, or that of another cluster.',
  },
  {
    rule: 'filestore-space', title: 'Filestore fills up', severity: 'warning', threshold: share(85), raiseAfterSeconds: 60, clearAfterSeconds: 60,
    description: 'The shared filestore has little room left.',
  },
  {
    rule: 'filestore-full', title: 'Filestore nearly full', severity: 'bad', threshold: share(95), raiseAfterSeconds: 10, clearAfterSeconds: 60,
    description: 'The shared filestore has hardly any room left: deploys will fail.',
  },
  {
    rule: 'disk', title: 'Disk of the host', severity: 'warning', threshold: share(90), raiseAfterSeconds: 60, clearAfterSeconds: 60,
    description: "The file system that carries a host's operating system and logs fills up.",
  },
  {
    rule: 'clock-skew', title: 'Clock skew', severity: 'warning', threshold: { value: 1000, unit: 'ms', min: 50, max: 3_600_000 }, raiseAfterSeconds: 30, clearAfterSeconds: 30,
    description: "A host's clock differs from the database's. The cluster decides by the database's clock only, but logs and tokens are read by the host's.",
  },
  {
    rule: 'version-mismatch', title: 'Versions differ', severity: 'warning', threshold: null, raiseAfterSeconds: 1800, clearAfterSeconds: 0,
    description: 'Nodes of different versions serve together for longer than a rolling upgrade takes.',
  },
  {
    rule: 'event-loop-delay', title: 'Node overloaded', severity: 'warning', threshold: { value: 500, unit: 'ms', min: 20, max: 60_000 }, raiseAfterSeconds: 30, clearAfterSeconds: 30,
    description: 'The event loop of a node is late (99th percentile): it is short of CPU, or something blocks it.',
  },
  {
    rule: 'certificate', title: 'Certificate expires', severity: 'warning', threshold: { value: 30, unit: 'days', min: 0, max: 3650 }, raiseAfterSeconds: 0, clearAfterSeconds: 0,
    description: 'A certificate that clients or nodes rely on ends soon, or has ended: that of the public address, or that of the database.',
  },
  {
    rule: 'collection-locked', title: 'Collection locked', severity: 'bad', threshold: null, raiseAfterSeconds: 0, clearAfterSeconds: 0,
    description: 'The database went back in time or changed its identity. Nothing is collected before a person has verified and confirmed.',
  },
  {
    rule: 'webhook-failing', title: 'Webhook fails', severity: 'warning', threshold: null, raiseAfterSeconds: 0, clearAfterSeconds: 0,
    description: 'Messages to a webhook were given up: whoever relies on it is not told.',
  },
] as const satisfies readonly RuleDefinition[];

export type RuleId = (typeof ruleDefinitions)[number]['rule'];

/** What somebody has changed of a rule; null is the default. */
export interface RuleOverride {
  readonly severity: AlertSeverity | null;
  readonly enabled: boolean | null;
  readonly threshold: number | null;
  readonly raiseAfterSeconds: number | null;
  readonly clearAfterSeconds: number | null;
}

export function definitionOf(rule: string): RuleDefinition | undefined {
  return ruleDefinitions.find((definition) => definition.rule === rule);
}

/** A rule as it holds now. */
export function effectiveRule(definition: RuleDefinition, override: RuleOverride | undefined): AlertRule {
  const { rule, title, description, severity, threshold, raiseAfterSeconds, clearAfterSeconds } = definition;
  return {
    rule, title, description,
    severity: override?.severity ?? severity,
    enabled: override?.enabled ?? true,
    threshold: threshold === null ? null : { ...threshold, value: override?.threshold ?? threshold.value },
    raiseAfterSeconds: override?.raiseAfterSeconds ?? raiseAfterSeconds,
    clearAfterSeconds: override?.clearAfterSeconds ?? clearAfterSeconds,
    defaults: { severity, enabled: true, threshold: threshold?.value ?? null, raiseAfterSeconds, clearAfterSeconds },
  };
}

/** All rules as they hold now, by id. */
export function effectiveRules(overrides: ReadonlyMap<string, RuleOverride>): ReadonlyMap<string, AlertRule> {
  return new Map(ruleDefinitions.map((definition) => [definition.rule, effectiveRule(definition, overrides.get(definition.rule))]));
}
