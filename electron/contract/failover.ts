import { z } from 'zod';
import { epochEntry } from '../../server-bundle/contract/index.ts';

export const failoverHistory = z.object({ asOf: z.string(), epochs: z.array(epochEntry) });

/** A drill: the master is killed on purpose, and the time to the next one is measured. */
export const drillReport = z.object({
  killedNodeId: z.string(),
  epochBefore: z.number().int(),
  newMaster: z.string(),
  epochAfter: z.number().int(),
  /** from the kill to the first answer of a node that names the new master with a higher epoch, milliseconds */
  masterAfterMs: z.number(),
  /** requests through the balancer during the drill, one every 20 ms: how many were sent, how many failed */
  probes: z.object({ sent: z.number().int(), failed: z.number().int(), slowestMs: z.number() }),
  /** the killed node serves again, milliseconds after the kill; null when it was not restarted */
  restoredAfterMs: z.number().nullable(),
});
export type DrillReport = z.infer<typeof drillReport>;

/** Most drills that are told of at once, and most that one command runs. */
export const mostDrills = 100;

/** The drills of a cluster that this app's journal still has, newest first. */
export const drillHistory = z.object({ drills: z.array(drillReport.extend({ at: z.number().describe('milliseconds since 1970') })) });
export type DrillHistory = z.infer<typeof drillHistory>;
