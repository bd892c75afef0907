import { z } from 'zod';
import { balancerLimits, balancerProduct } from './balancers.ts';
import { hostReport } from './hosts.ts';
import { newSettings } from './lan.ts';
import { databaseFacts, databaseTrial, plannedCluster } from './new-cluster.ts';
import { none, query } from './operation.ts';
import { planned } from './runs.ts';

/** What can be found out about a cluster before anything of it is written down. */
export const newClusterOperations = {
  /** what making it would do, command by command; asks no host, writes nothing */
  'newCluster.plan': query(plannedCluster, z.array(planned)),
  /** signs in to the database from this machine; changes nothing */
  'newCluster.database': query(databaseTrial, databaseFacts),
  /** what each product does to requests when a host is lost or drained, for the one who chooses */
  'newCluster.balancers': query(none, z.array(z.object({ product: balancerProduct, limits: balancerLimits }))),
  /** every check of one host against this plan: database, filestore and ports as they look from there */
  'newCluster.check': query(z.object({
    cluster: newSettings, hostId: z.string(),
    /** all hosts that are to become its nodes: they are asked whether they see the same share, and reach each other */
    hostIds: z.array(z.string()).max(50).default([]),
    databasePassword: z.string().max(1024).optional(),
  }).strict(), hostReport),
} as const;
