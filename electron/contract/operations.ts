import { z } from 'zod';
import { budgetExplanation } from './budget.ts';
import { demoDescription, demoNodeAction, demoOptions, demoPlan, demoProgress } from './demo.ts';
import { drillReport, failoverHistory } from './failover.ts';
import { hostKeyReport, hostReport, hostSummary, newHost } from './hosts.ts';
import { journalEntry, journalQuery } from './journal.ts';
import { lanCluster, newLanCluster } from './lan.ts';
import { logBatch } from './logs.ts';
import { planned, runDetail, runSummary } from './runs.ts';
import { clusterSummary, topology } from './topology.ts';

const none = z.object({}).strict();
const inCluster = z.object({ clusterId: z.string() }).strict();
const atNode = z.object({ clusterId: z.string(), nodeId: z.string() }).strict();
const atHost = z.object({ hostId: z.string() }).strict();
const done = z.object({});

/** Asks and changes nothing. */
const query = <A extends z.ZodType, R extends z.ZodType>(args: A, result: R) => ({ kind: 'query', args, result }) as const;
/** Changes something; cancellable; recorded in the journal. */
const command = <A extends z.ZodType, R extends z.ZodType>(args: A, result: R) => ({ kind: 'command', args, result }) as const;
/** Keeps sending until unsubscribed. */
const stream = <A extends z.ZodType, R extends z.ZodType>(args: A, item: R) => ({ kind: 'stream', args, result: item }) as const;

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

  'budget.explain': query(inCluster, budgetExplanation),

  'failover.history': query(inCluster, failoverHistory),
  'failover.handOver': command(inCluster.extend({ to: z.string().optional() }), z.object({ nodeId: z.string(), epoch: z.number().int() })),
  'failover.drill': command(inCluster, drillReport),

  'gc.run': command(inCluster.extend({ dryRun: z.boolean() }), z.record(z.string(), z.unknown())),

  'hosts.list': query(none, z.array(hostSummary)),
  'hosts.add': command(newHost, hostSummary),
  'hosts.remove': command(atHost, done),
  /** what is known of the key that the host shows now; no credential is sent */
  'hosts.key': query(atHost, hostKeyReport),
  /** trusts the key with this fingerprint, if the host still shows it; `replace` puts it in the place of another one */
  'hosts.trust': command(atHost.extend({ fingerprint: z.string(), replace: z.boolean().default(false) }), done),
  /** every preflight check; with a cluster also those that need to know what is planned */
  'hosts.check': query(atHost.extend({ clusterId: z.string().optional() }), hostReport),

  /** clusters on hosts, as this app has written them down */
  'clusters.lan': query(none, z.array(lanCluster)),
  /** makes the cluster's key; touches no host yet */
  'clusters.create': command(newLanCluster, lanCluster),
  /** forgets a cluster that has no nodes any more */
  'clusters.forget': command(inCluster, done),
  /** the administrator's password of a cluster that was not made here */
  'clusters.password': command(inCluster.extend({ password: z.string().min(1).max(1024) }), done),

  /** what provisioning would do, command by command; asks no host */
  'nodes.plan': query(z.object({ clusterId: z.string(), hostIds: z.array(z.string()).min(1).max(50) }).strict(), z.array(planned)),
  /** hosts become serving nodes, side by side; one that fails does not stop the others */
  'nodes.provision': command(z.object({ clusterId: z.string(), hostIds: z.array(z.string()).min(1).max(50) }).strict(), z.array(runSummary)),
  /** drains the node and takes away what was installed; the filestore stays */
  'nodes.remove': command(atNode, runSummary),
  'nodes.journal': query(atNode.extend({ lines: z.number().int().min(1).max(5000).default(100) }), z.object({ lines: z.array(z.string()) })),

  'runs.list': query(z.object({ limit: z.number().int().min(1).max(500).default(50) }).strict(), z.array(runSummary)),
  'runs.show': query(z.object({ runId: z.string() }).strict(), runDetail),
  'runs.resume': command(z.object({ runId: z.string() }).strict(), runSummary),
  'runs.rollback': command(z.object({ runId: z.string() }).strict(), runSummary),
  /** each change of a run under way in this program */
  'runs.watch': stream(none, runSummary),

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
