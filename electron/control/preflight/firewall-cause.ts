import { z } from 'zod';
import type { Probe } from './check.ts';

export interface FirewallCause {
  /** what stands in the way, as a part of a sentence */
  readonly what: string;
  readonly fix: string;
}

/** What on a host keeps connections to a port at one of its addresses out, by the programs that administrators know it by. Null when none of them says so. */
export async function firewallCause(probe: Probe, address: string, port: number): Promise<FirewallCause | null> {
  const asked = [firewalld, ufw, nftables, iptables];
  for (const ask of asked) {
    const cause = await ask(probe, port, address);
    if (cause !== null) return cause;
  }
  return null;
}

/** The same by those that can be asked what they let in: nobody has tried the port. */
export async function closedPort(probe: Probe, address: string, port: number): Promise<FirewallCause | null> {
  return await firewalld(probe, port, address) ?? await ufw(probe, port);
}

/** Whether SELinux keeps rules on this host. */
export async function enforcesSelinux(probe: Probe): Promise<boolean> {
  const { exitCode, stdout } = await probe('sh', '-c', 'command -v getenforce > /dev/null && getenforce');
  return exitCode === 0 && stdout.trim() === 'Enforcing';
}

async function isActive(probe: Probe, service: string): Promise<boolean> {
  return (await probe('systemctl', 'is-active', '--quiet', service)).exitCode === 0;
}

/**
 * Prints the zone of the interface that has the address, where that zone lets the port `$2` not in; the default zone's where it has none. `$1` may be a
 * name, or an address that is translated on the way: then the interface is the one with which the host goes out.
 */
const zoneInTheWay = `
at=$(getent ahosts "$1" | { read -r first rest; echo "$first"; })
interface=$(ip -o addr show to "\${at:-$1}" 2> /dev/null | { read -r number name rest; echo "$name"; })
[ -n "$interface" ] || interface=$(ip -o route get "\${at:-$1}" 2> /dev/null | grep -o 'dev [^ ]*' | cut -d ' ' -f 2)
zone=$(firewall-cmd --get-zone-of-interface="$interface" 2> /dev/null) || zone=$(firewall-cmd --get-default-zone)
firewall-cmd --zone="$zone" --query-port="$2/tcp" > /dev/null && exit 1
[ "$(firewall-cmd --permanent --zone="$zone" --get-target 2> /dev/null)" != ACCEPT ] || exit 1
echo "$zone"
`;

async function firewalld(probe: Probe, port: number, address: string): Promise<FirewallCause | null> {
  if (!await isActive(probe, 'firewalld.service')) return null;
  const { exitCode, stdout } = await probe('sh', '-c', zoneInTheWay, 'sh', address, String(port));
  const zone = stdout.trim();
  if (exitCode !== 0 || zone === '') return null;
  return { what: `firewalld does not let the port in (zone "${zone}")`, fix: `firewall-cmd --permanent --zone=${zone} --add-port=${port}/tcp && firewall-cmd --reload` };
}

async function ufw(probe: Probe, port: number): Promise<FirewallCause | null> {
  const { exitCode, stdout } = await probe('sh', '-c', 'command -v ufw > /dev/null && ufw status');
  if (exitCode !== 0 || !/^Status: active$/m.test(stdout)) return null;
  if (new RegExp(`^${port}(/tcp)?\\s+ALLOW`, 'm').test(stdout)) return null;
  return { what: 'ufw does not let the port in', fix: `ufw allow ${port}/tcp` };
}

const chainName = z.object({ family: z.string(), table: z.string(), name: z.string() });
const ruleset = z.object({ nftables: z.array(z.object({
  chain: chainName.extend({ hook: z.string().optional(), policy: z.string().optional() }).optional(),
  rule: z.object({ family: z.string(), table: z.string(), chain: z.string(), expr: z.array(z.record(z.string(), z.unknown())) }).optional(),
})) });

async function nftables(probe: Probe, port: number): Promise<FirewallCause | null> {
  const { exitCode, stdout } = await probe('sh', '-c', 'command -v nft > /dev/null && nft -j list ruleset');
  if (exitCode !== 0) return null;
  const listed = ruleset.safeParse(parsed(stdout)).data?.nftables ?? [];
  const rules = listed.flatMap(({ rule }) => rule ?? []);
  // by its policy, or by a rule that lets nothing by; those of firewalld were asked about in its own words
  const closed = listed.map(({ chain }) => chain).find((chain) => chain?.hook === 'input' && chain.table !== 'firewalld' && (chain.policy === 'drop'
    || rules.some((rule) => rule.family === chain.family && rule.table === chain.table && rule.chain === chain.name && endsEverything(rule.expr))));
  if (closed === undefined) return null;
  const { family, table, name } = closed;
  return {
    what: `the nftables chain "${family} ${table} ${name}" drops what it does not know`,
    fix: `nft insert rule ${family} ${table} ${name} tcp dport ${port} accept   (and the same line in /etc/nftables.conf, for the next boot)`,
  };
}

/** A rule without a condition that refuses. */
function endsEverything(expressions: readonly Readonly<Record<string, unknown>>[]): boolean {
  const acts = expressions.filter((each) => !('counter' in each) && !('log' in each));
  const [act] = acts;
  return acts.length === 1 && act !== undefined && ('drop' in act || 'reject' in act);
}

async function iptables(probe: Probe, port: number, address: string): Promise<FirewallCause | null> {
  const tool = address.includes(':') ? 'ip6tables' : 'iptables';
  const { exitCode, stdout } = await probe('sh', '-c', `command -v ${tool} > /dev/null && ${tool} -S INPUT`);
  const shuts = new RegExp(`^-P INPUT DROP$|^-A INPUT -j (?:DROP|REJECT)\\b|--dport ${port} -j (?:DROP|REJECT)\\b`, 'm');
  if (exitCode !== 0 || !shuts.test(stdout) || stdout.includes(`--dport ${port} -j ACCEPT`)) return null;
  return { what: `the INPUT chain of ${tool} does not let the port in`, fix: `${tool} -I INPUT -p tcp --dport ${port} -j ACCEPT   (and save it, for the next boot)` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
