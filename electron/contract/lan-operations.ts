import { z } from 'zod';
import { lanCluster, newLanCluster } from './lan.ts';
import { atNode, command, done, inCluster, none, query } from './operation.ts';
import { plannedBalancer } from './new-cluster.ts';
import { acceptWarnings, planned, runSummary } from './runs.ts';

/** Clusters on hosts, and the nodes that they get. */
export const lanOperations = {
  /** clusters on hosts, as this app has written them down */
  'clusters.lan': query(none, z.array(lanCluster)),
  /** makes the cluster's key; touches no host yet */
  'clusters.create': command(newLanCluster, lanCluster),
  /** forgets a cluster that has no nodes any more */
  'clusters.forget': command(inCluster, done),
  /** the administrator's password of a cluster that was not made here */
  'clusters.password': command(inCluster.extend({ password: z.string().min(1).max(1024) }), done),

  /** every command of a removal; changes nothing */
  'nodes.removalPlan': query(atNode, planned),
  /** what provisioning would do, command by command, with a balancer last where one is to be made; asks no host */
  'nodes.plan': query(z.object({ clusterId: z.string(), hostIds: z.array(z.string()).min(1).max(50), balancer: plannedBalancer.optional() }).strict(), z.array(planned)),
  /** hosts become serving nodes, side by side; one that fails does not stop the others */
  'nodes.provision': command(z.object({ clusterId: z.string(), hostIds: z.array(z.string()).min(1).max(50), acceptWarnings }).strict(), z.array(runSummary)),
  /** drains the node and takes away what was installed; the filestore stays */
  'nodes.remove': command(atNode, runSummary),
  /** the newest lines of the node's journal on its host; `search` finds lines that hold the words, without regard to case */
  'nodes.journal': query(atNode.extend({
    lines: z.number().int().min(1).max(5000).default(100),
    search: z.string().min(1).max(200).optional(),
    /** milliseconds since 1970 */
    since: z.number().int().nonnegative().optional(),
  }), z.object({ lines: z.array(z.string()) })),
} as const;
