import { z } from 'zod';
import { adoption, foundCluster } from './adoption.ts';
import { atNode, command, done, inCluster, query, stream } from './operation.ts';
import { acceptWarnings, planned as shownPlan } from './runs.ts';
import { maintenance, upgradePlan, upgradeRun } from './upgrade.ts';

const planned = inCluster.extend({
  /** name of a release (see `releases` of a plan); the one of this app when left out */
  to: z.string().optional(),
  /** how many nodes are switched at the same time */
  batch: z.number().int().min(1).max(10).default(1),
  /** former releases that stay on each host; older ones are removed once every node runs the new one */
  keepReleases: z.number().int().min(1).max(50).default(2),
  acceptWarnings,
});
const atRun = z.object({ clusterId: z.string(), runId: z.string() }).strict();

/** Other versions, restarts, maintenance; hosts that are gone; clusters that another desktop has made. */
export const upgradeOperations = {
  /** order, time, and every check; changes nothing */
  'upgrade.plan': query(planned, upgradePlan),
  /** every command and file of it, node by node, in their turn; changes nothing */
  'upgrade.commands': query(planned, z.array(shownPlan)),
  /** starts it and returns; `upgrade.watch` shows how it goes on. Refused with the code of the first failed check, or of the first
   * warning that stops it and is not accepted. */
  'upgrade.start': command(planned, upgradeRun),
  /** stops between two nodes: the one under way is ended first */
  'upgrade.pause': command(atRun, upgradeRun),
  /** goes on, also with a run of another desktop that is gone; what is done is not done again */
  'upgrade.resume': command(atRun, upgradeRun),
  /** puts every node of the run back on the release that it came from, the last first */
  'upgrade.rollback': command(atRun, upgradeRun),
  /** from the cluster's own record, so runs of other desktops too; newest first */
  'upgrade.list': query(inCluster, z.array(upgradeRun)),
  'upgrade.show': query(atRun, upgradeRun),
  /** the run under way, or the latest one; null when there was none. Again whenever something of it changes. */
  'upgrade.watch': stream(inCluster, upgradeRun.nullable()),

  /** drains, restarts, proves, and lets it serve again; the same record as an upgrade */
  'nodes.restart': command(atNode.extend({ acceptWarnings }), upgradeRun),
  /**
   * For a host that is gone for good: its connections are free, the balancer leaves it out, and it cannot come back unless it is
   * provisioned again. Refused while the node serves.
   */
  'nodes.forget': command(atNode, done),

  /** drained until then, its alerts muted; a master hands over first. `until` ends it by itself. */
  'maintenance.start': command(atNode.extend({ until: z.number().describe('milliseconds since 1970'), note: z.string().max(500).default('') }), maintenance),
  'maintenance.end': command(atNode, done),
  /** of every cluster when none is named */
  'maintenance.list': query(z.object({ clusterId: z.string().optional() }).strict(), z.array(maintenance)),

  /** What adopting from this host would take over: read there as root; changes nothing, here or there. Throws NODE_NOT_FOUND, CLUSTER_UNREACHABLE and what SSH refuses. */
  'clusters.look': query(z.object({ hostId: z.string() }).strict(), foundCluster),
  /**
   * Takes over a cluster from one of its hosts: its settings, key and database password are read there as root, its nodes in its
   * database. Hosts that are not known are added with the sign-in of this one.
   */
  'clusters.adopt': command(z.object({
    hostId: z.string(),
    /** of the administrator; without it and without `resetAdmin` the app can show and upgrade, but asks no node's API */
    adminPassword: z.string().min(1).max(1024).optional(),
    /** break-glass: sets a new one on the host */
    resetAdmin: z.boolean().default(false),
  }).strict(), adoption),
} as const;

