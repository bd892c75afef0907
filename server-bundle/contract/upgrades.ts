import { z } from 'zod';
import { clusterView } from './cluster.ts';

const document = z.record(z.string(), z.unknown());
const hold = z.object({
  id: z.uuid(),
  /** who carries it out: user and machine */
  holder: z.string().max(255),
  /** of this holder alone */
  token: z.uuid(),
  /** after that without a sign anybody may take the run over */
  ttlSeconds: z.number().int().min(1).max(3600),
});

/** What `bulkhead-node cluster run-…` reads on its standard input. */
export const upgradeBegin = hold.extend({ plan: document, progress: document }).strict();
export type UpgradeBegin = z.infer<typeof upgradeBegin>;
export const upgradeHold = hold.extend({ state: z.enum(['running', 'rolling-back']) }).strict();
export type UpgradeHold = z.infer<typeof upgradeHold>;
export const upgradeWrite = hold.extend({
  progress: document, state: z.enum(['running', 'paused', 'rolling-back', 'done', 'rolled-back', 'failed']),
}).omit({ holder: true }).strict();
export type UpgradeWrite = z.infer<typeof upgradeWrite>;

/** A run as the cluster keeps it; times in milliseconds since 1970 by the clock of the database. */
export const upgradeRow = z.object({
  id: z.string(),
  plan: document,
  progress: document,
  state: z.enum(['running', 'paused', 'rolling-back', 'done', 'rolled-back', 'failed']),
  wish: z.enum(['pause']).nullable(),
  startedBy: z.string(),
  holder: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  holderUntil: z.number(),
  asOf: z.number(),
});
export type UpgradeRow = z.infer<typeof upgradeRow>;

/** `bulkhead-node cluster status --json` */
export const clusterStatus = z.object({
  view: clusterView,
  schema: z.object({
    /** highest migration that the database holds */
    applied: z.number().int(),
    /** the least that a bundle has to know to serve it */
    servesFrom: z.number().int(),
  }),
  runs: z.array(upgradeRow),
});
export type ClusterStatus = z.infer<typeof clusterStatus>;

/** `bulkhead-node version --json` */
export const bundleVersion = z.object({ version: z.string(), node: z.string(), schema: z.number().int().optional() });
export type BundleVersion = z.infer<typeof bundleVersion>;

/** The highest migration that this version's bundle knows; held equal to the migrations by a test. */
export const schemaVersion = 14;
