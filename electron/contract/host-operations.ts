import { z } from 'zod';
import { hostKeyReport, hostReport, hostSummary, newHost } from './hosts.ts';
import { atHost, command, done, none, query } from './operation.ts';

/** Machines that the app may reach. */
export const hostOperations = {
  'hosts.list': query(none, z.array(hostSummary)),
  'hosts.add': command(newHost, hostSummary),
  'hosts.remove': command(atHost, done),
  /** what is known of the key that the host shows now; no credential is sent */
  'hosts.key': query(atHost, hostKeyReport),
  /** trusts the key with this fingerprint, if the host still shows it; `replace` puts it in the place of another one */
  'hosts.trust': command(atHost.extend({ fingerprint: z.string(), replace: z.boolean().default(false) }), done),
  /** every preflight check; with a cluster also those that need to know what is planned */
  'hosts.check': query(atHost.extend({ clusterId: z.string().optional() }), hostReport),
} as const;
