import { z } from 'zod';
import { lanCluster, lanSettings } from './lan.ts';
import { rotatedSecret } from './rotation.ts';
import { runFailure } from './runs.ts';
import { upgradeState } from './upgrade.ts';

/** A cluster as one of its hosts has it, before anything of it is taken over. Holds no secret. */
export const foundCluster = z.object({
  /** the host that was asked */
  hostId: z.string(),
  settings: lanSettings,
  nodes: z.array(z.object({
    nodeId: z.string(),
    address: z.string(),
    /** as the cluster sees it */
    observed: z.string(),
    version: z.string(),
    master: z.boolean(),
    /** the host of the inventory that it is on; null: one is added, under the node's name */
    host: z.object({ hostId: z.string(), name: z.string() }).nullable(),
  })),
  /** `new`: it is written down; `known`: what is known of it is brought up to date */
  state: z.enum(['new', 'known']),
  /** the administrator's password is known here already */
  knowsAdmin: z.boolean(),
  /** an upgrade or restart under way or standing still, whoever began it */
  run: z.object({
    runId: z.string(), kind: z.enum(['upgrade', 'restart']), to: z.string(), state: upgradeState, startedBy: z.string(), holder: z.string(),
    startedAt: z.number(), holderUntil: z.number(), asOf: z.number(), done: z.number().int(), nodes: z.number().int(),
  }).nullable(),
  /** who works on this host now, and since when, as the lock on it says; null: nobody */
  lockedBy: z.string().nullable(),
  /** secrets that somebody has begun to replace and not finished */
  halfReplaced: z.array(rotatedSecret),
  /** why it cannot be adopted; null when it can */
  problem: runFailure.nullable(),
});
export type FoundCluster = z.infer<typeof foundCluster>;

/** What adopting a cluster has found, beside what it has written down. */
export const adoption = z.object({
  cluster: lanCluster,
  /** the cluster's administrator: known, set anew on the host, or not known to this app */
  admin: z.enum(['known', 'reset', 'unknown']),
  nodes: z.array(z.object({
    nodeId: z.string(),
    address: z.string(),
    hostId: z.string(),
    /** `trust-key`: the host was added; its key has to be trusted before it can be worked on */
    state: z.enum(['ready', 'trust-key', 'unreachable']),
    note: z.string().nullable(),
  })),
  /** an upgrade that is under way, for example one that another desktop has left */
  run: z.string().nullable(),
});
export type Adoption = z.infer<typeof adoption>;
