import { z } from 'zod';
import { balancerOptions, balancerProduct } from './balancers.ts';
import { lanSettings, newSettings } from './lan.ts';

const hostIds = z.array(z.string()).min(1).max(50);

/** A host of the inventory that is to stand in front of a cluster. */
export const plannedBalancer = z.object({ hostId: z.string(), product: balancerProduct, options: balancerOptions.prefault({}) }).strict();
export type PlannedBalancer = z.infer<typeof plannedBalancer>;

/** A cluster that is not written down yet, for looking at what making it would do. */
export const plannedCluster = z.object({
  cluster: newSettings,
  /** whether the nodes will get a password for the database; the password itself is not needed to plan */
  hasDatabasePassword: z.boolean(),
  hostIds,
  /** planned after the nodes */
  balancer: plannedBalancer.optional(),
}).strict();
export type PlannedCluster = z.infer<typeof plannedCluster>;

export const databaseTrial = lanSettings.shape.database.pick({ host: true, port: true, name: true, user: true, keepForOthers: true })
  .extend({ password: z.string().max(1024).optional() }).strict();
export type DatabaseTrial = z.infer<typeof databaseTrial>;

/** What a database says to somebody who has signed in from this machine. */
export const databaseFacts = z.object({
  serverVersion: z.string(),
  roundTripMs: z.number(),
  /** this machine's clock minus the database's, milliseconds */
  clockOffsetMs: z.number(),
  /** whether the role may make tables */
  mayCreate: z.boolean(),
  /** whether a cluster has been there before */
  hasSchema: z.boolean(),
  /** connections that a cluster may hold in total, and how many are granted already */
  budget: z.number().int(),
  granted: z.number().int(),
  /** of what is granted, what its holders cannot do without */
  indispensable: z.number().int(),
  /** connections that a node holds beside its pool */
  control: z.number().int(),
  /** something between here and the server answers in its place: a pooler such as pgbouncer */
  pooled: z.boolean(),
  /** how it shares sessions; null when there is none, or when that could not be found out */
  poolMode: z.enum(['session', 'transaction', 'statement']).nullable().default(null),
  /** it may be read, and takes writes once it is promoted */
  isStandby: z.boolean().default(false),
  durability: z.object({
    fsync: z.boolean(),
    synchronousCommit: z.string(),
    /** `synchronous_standby_names`; empty: no commit waits for a standby */
    synchronousStandbys: z.string(),
    /** servers that stream from this one now */
    standbys: z.number().int(),
  }),
  warnings: z.array(z.string()),
});
export type DatabaseFacts = z.infer<typeof databaseFacts>;
