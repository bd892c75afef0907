import { z } from 'zod';
import { accessOperations } from './access-operations.ts';
import { alertsOperations } from './alerts-operations.ts';
import { balancerOperations } from './balancer-operations.ts';
import { budgetOperations } from './budget-operations.ts';
import { contentOperations } from './content-operations.ts';
import { demoDescription, demoNodeAction, demoOptions, demoPlan, demoProgress } from './demo.ts';
import { drillHistory, drillReport, failoverHistory } from './failover.ts';
import { hostOperations } from './host-operations.ts';
import { journalEntry, journalQuery } from './journal.ts';
import { lanOperations } from './lan-operations.ts';
import { logBatch } from './logs.ts';
import { newClusterOperations } from './new-cluster-operations.ts';
import { atNode, command, done, inCluster, none, query, stream } from './operation.ts';
import { rotationOperations } from './rotation-operations.ts';
import { runOperations } from './run-operations.ts';
import { supervisionOperations } from './supervision-operations.ts';
import { clusterSummary, topology } from './topology.ts';
import { upgradeOperations } from './upgrade-operations.ts';

/**
 * Every call between a screen (or script) and the control room. This one definition drives the Electron IPC,
 * the console's WebSocket and the CLI; arguments and results are parsed at the door, in both directions.
 */
export const operations = {
  'app.info': query(none, z.object({
    version: z.string(),
    shell: z.enum(['desktop', 'console', 'cli']),
    platform: z.string(),
    stateDir: z.string(),
    /** how secrets are kept: "keychain", "passphrase", or "none" with the reason */
    secrets: z.object({ protection: z.enum(['keychain', 'passphrase', 'file', 'none']), note: z.string() }),
  })),
  'clusters.list': query(none, z.array(clusterSummary)),
  'clusters.watch': stream(none, z.array(clusterSummary)),

  'demo.plan': query(demoOptions, demoPlan),
  'demo.start': command(demoOptions, demoDescription),
  'demo.stop': command(none, done),
  /** stops and deletes all data of the demo */
  'demo.reset': command(none, done),
  'demo.progress': stream(none, demoProgress),
  'demo.describe': query(none, demoDescription),
  'demo.node': command(z.object({ nodeId: z.string(), action: demoNodeAction }).strict(), done),
  'demo.addNode': command(none, z.object({ nodeId: z.string() })),
  /** new admin password, shown once to the caller */
  'demo.resetPassword': command(none, z.object({ user: z.string(), password: z.string() })),
  /** kills or starts the database of the demo, to see the cluster live through it */
  'demo.database': command(z.object({ action: z.enum(['kill', 'start']) }).strict(), done),

  'topology.watch': stream(inCluster, topology),
  'node.drain': command(atNode.extend({ deadlineSeconds: z.number().int().min(1).max(86_400).default(300) }), done),
  'node.undrain': command(atNode, done),
  'node.log': stream(atNode, logBatch),

  'failover.history': query(inCluster, failoverHistory),
  'failover.handOver': command(inCluster.extend({ to: z.string().optional() }), z.object({ nodeId: z.string(), epoch: z.number().int() })),
  /** kills the master. On hosts only when `confirm` is the cluster's name: its clients are real ones. */
  'failover.drill': command(inCluster.extend({ confirm: z.string().optional() }), drillReport),
  'failover.drills': query(inCluster, drillHistory),

  'gc.run': command(inCluster.extend({ dryRun: z.boolean() }), z.record(z.string(), z.unknown())),

  ...accessOperations,
  ...alertsOperations,
  ...balancerOperations,
  ...contentOperations,
  ...hostOperations,
  ...lanOperations,
  ...newClusterOperations,
  ...rotationOperations,
  ...runOperations,
  ...upgradeOperations,
  ...supervisionOperations,
  ...budgetOperations,

  'journal.list': query(journalQuery, z.object({ entries: z.array(journalEntry), more: z.boolean() })),
  'journal.watch': stream(z.object({ clusterId: z.string().optional() }).strict(), journalEntry),
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type OperationOf<K extends 'query' | 'command' | 'stream'> = {
  [N in OperationName]: Operations[N]['kind'] extends K ? N : never;
}[OperationName];
export type CallName = OperationOf<'query' | 'command'>;
export type StreamName = OperationOf<'stream'>;
/** What a caller passes (defaults may be left out). */
export type ArgsOf<N extends OperationName> = z.input<Operations[N]['args']>;
/** What a handler receives. */
export type ParsedArgsOf<N extends OperationName> = z.output<Operations[N]['args']>;
export type ResultOf<N extends OperationName> = z.output<Operations[N]['result']>;
