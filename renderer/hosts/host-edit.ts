import type { ArgsOf, HostSummary } from '../../electron/contract/index.ts';
import { emptyHost, loginText, toNewHost, type HostDraft } from './host-draft.ts';

type Changes = ArgsOf<'hosts.edit'>['changes'];

/** A host that is known, as it would be typed. */
export function draftOf({ name, address, port, user, jump }: HostSummary): HostDraft {
  return { ...emptyHost(), name, address, port: String(port), user, jump: jump.map((hop) => hop.host ?? loginText(hop)) };
}

/** What of a host is other than it was; the way over other hosts as a whole, because one hop is nothing by itself. */
export function hostChangesOf(draft: HostDraft, host: HostSummary, names: readonly string[]): Changes {
  const before = draftOf(host);
  const { name, address, port, user, jump = [] } = toNewHost(draft, names);
  const way = (each: HostDraft): string => each.jump.map((hop) => hop.trim()).join(',');
  return {
    ...(name === before.name ? {} : { name }), ...(address === before.address ? {} : { address }), ...(port === host.port ? {} : { port }), ...(user === before.user ? {} : { user }),
    ...(way(draft) === way(before) ? {} : { jump }),
  };
}

/** What a change brings with it, one sentence for each; empty when it brings nothing. */
export function consequencesOf(changes: Changes, { node, hostKeyAlias }: Pick<HostSummary, 'node' | 'hostKeyAlias'>): string[] {
  const lines: string[] = [];
  if ((changes.address !== undefined || changes.port !== undefined) && hostKeyAlias === null) lines.push('Another address or port is another machine until its key says otherwise: the key is verified anew, and nothing is sent before.');
  if (changes.address !== undefined && node !== null) lines.push(`${node.nodeId} keeps the address that the other nodes know, until it is provisioned again.`);
  if (changes.jump?.some((hop) => !('host' in hop)) === true) lines.push('A jump host that is written out is signed in to with the agent.');
  if (changes.name !== undefined && node !== null) lines.push(`The node on it stays ${node.nodeId}: only the host is called otherwise here.`);
  return lines;
}
