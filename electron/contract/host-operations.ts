import { z } from 'zod';
import { fleetFile, fleetPreview, importResult, sshConfigPreview, sshConfigSource } from './host-import.ts';
import { hostTestReport } from './host-test.ts';
import { hostChanges, hostKeyReport, hostQuestion, hostReport, hostSummary, newHost } from './hosts.ts';
import { atHost, command, done, none, query, stream } from './operation.ts';

const fleetText = z.string().max(4_000_000);

/** Machines that the app may reach. */
export const hostOperations = {
  'hosts.list': query(none, z.array(hostSummary)),
  /** writes it down; nothing is sent to it yet */
  'hosts.add': command(newHost, hostSummary),
  'hosts.remove': command(atHost, done),
  /** what is known of the key that the host shows now, or the first host on the way to it that is not trusted; no credential is sent to a host that is not */
  'hosts.key': query(atHost, hostKeyReport),
  /** trusts the key with this fingerprint, if the host that `hosts.key` speaks of still shows it; `replace` puts it in the place of another one */
  'hosts.trust': command(atHost.extend({ fingerprint: z.string(), replace: z.boolean().default(false) }), done),
  /** every preflight check; with a cluster also those that need to know what is planned */
  'hosts.check': query(atHost.extend({ clusterId: z.string().optional() }), hostReport),

  /** signs in, on every host of the way: what was tried in which order, why each failed, how to become root there. Of a host that is known, or of one before it is added. Changes nothing. */
  'hosts.test': query(z.union([atHost, z.object({ host: newHost }).strict()]), hostTestReport),
  /**
   * Changes a host. New ways to sign in are tried before the old ones are forgotten: when the test fails, nothing has changed and the error's details hold the
   * report. `authorizedKey`: with a new key, its public half is first put into authorized_keys over the old way; `replace` takes the old key's line away after the new one was let in.
   */
  'hosts.edit': command(atHost.extend({
    changes: hostChanges,
    test: z.boolean().default(true),
    authorizedKey: z.enum(['leave', 'add', 'replace']).default('leave'),
  }).strict(), z.object({
    host: hostSummary,
    /** null when it was not asked for, or nothing of it concerns the connection */
    test: hostTestReport.nullable(),
    authorizedKeys: z.object({ added: z.string().nullable(), removed: z.string().nullable() }).describe('fingerprints'),
  })),

  /** questions of hosts that wait for an answer; whoever listens is asked. Without a listener such a login fails at once. */
  'hosts.questions': stream(none, z.array(hostQuestion)),
  /** null: no answer, the login is given up */
  'hosts.answer': command(z.object({ questionId: z.string(), answers: z.array(z.string().max(1024)).max(32).nullable() }).strict(), done),

  'hosts.importPreview': query(sshConfigSource, sshConfigPreview),
  /** adds these hosts of ssh_config, and the hosts on their way */
  'hosts.import': command(sshConfigSource.extend({ aliases: z.array(z.string()).min(1).max(1000) }).strict(), importResult),

  /** all hosts, or these; without secrets */
  'hosts.exportFleet': query(z.object({ hostIds: z.array(z.string()).max(1000).optional() }).strict(), fleetFile),
  /** `text` is the file. Throws ARGUMENT_INVALID with the path of each thing that is wrong in it. */
  'hosts.importFleetPreview': query(z.object({ text: fleetText }).strict(), fleetPreview),
  /** takes over these hosts; those that are known are changed, their secrets stay where the way to sign in stays */
  'hosts.importFleet': command(z.object({ text: fleetText, names: z.array(z.string()).min(1).max(1000) }).strict(), importResult),
} as const;

