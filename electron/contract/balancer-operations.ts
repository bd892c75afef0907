import { z } from 'zod';
import { balancer, balancerOptions, balancerPreview, balancerProduct, balancerRendering, balancerStatus, uninformedNodes } from './balancers.ts';
import { command, inCluster, query } from './operation.ts';
import { planned, runSummary } from './runs.ts';

const atBalancer = z.object({ balancerId: z.string() }).strict();
/** what a host is to be for a cluster */
const toBe = inCluster.extend({ hostId: z.string(), product: balancerProduct, options: balancerOptions.prefault({}) });

/** nginx, HAProxy and Apache httpd in front of a cluster on hosts. */
export const balancerOperations = {
  /** what a product would be given for the nodes of now, without any host; also for people who deploy it otherwise */
  'balancers.render': query(inCluster.extend({ product: balancerProduct, options: balancerOptions.prefault({}) }), balancerRendering),
  /** the same files as an export: names are relative to the folder that they are put in, with a README that says what to do */
  'balancers.export': query(inCluster.extend({ product: balancerProduct, options: balancerOptions.prefault({}) }), z.object({ files: z.array(z.object({ name: z.string(), content: z.string() })) })),

  /** of every cluster when none is named */
  'balancers.list': query(z.object({ clusterId: z.string().optional() }).strict(), z.array(balancer)),
  /**
   * Makes a host of the inventory a balancer of the cluster, or changes its product and options; touches no host. Its address joins
   * the proxies that the nodes trust, and becomes the cluster's public address when it has none yet.
   */
  'balancers.assign': command(toBe, balancer),
  /** what an apply would change on the host now; changes nothing */
  'balancers.preview': query(atBalancer, balancerPreview),
  /** every command of an apply, also to a host that is to become a balancer, or to be another one; asks no host, writes nothing */
  'balancers.plan': query(z.union([atBalancer, toBe]), planned),
  /**
   * Puts the files on the host: checked there by the product itself before they replace anything, reloaded without dropping a
   * connection, put back when check or reload fails. A run of kind "balancer" (`runs.watch` shows how it goes on; `nodeId` is the name
   * of the host); running it again changes nothing. `runs.rollback` puts the former version back.
   */
  'balancers.apply': command(atBalancer, runSummary),
  /** back to the version before the latest one that was applied; a run of its own */
  'balancers.undo': command(atBalancer, runSummary),
  /** takes away what was put on the host and reloads; the product stays. `hostGone` only forgets it here. */
  'balancers.remove': command(atBalancer.extend({ hostGone: z.boolean().default(false) }), runSummary.nullable()),
  /** is it in step with the cluster? Asks the host. */
  'balancers.status': query(atBalancer, balancerStatus),
  /** nodes that name another address to clients than the cluster's, or trust other proxies, by their own word; waits some seconds for it */
  'balancers.uninformed': query(inCluster, uninformedNodes),
  /** brings every balancer of a cluster in step with its nodes; one that fails does not stop the others */
  'balancers.follow': command(inCluster, z.array(runSummary)),
} as const;
