import { z } from 'zod';
import type { Probe } from './check.ts';

export interface FirewallCause {
  /** what stands in the way, as a part of a sentence */
  readonly what: string;
  readonly fix: string;
}

/** What on a host keeps connections to a port out, by the programs that administrators know it by. Null when none of them says so. */
export async function firewallCause(probe: Probe, port: number): Promise<FirewallCause | null> {
  const asked = [firewalld, ufw, nftables, iptables];
  for (const ask of asked) {
    const cause = await ask(probe, port);
    if (cause !== null) return cause;
  }
  return null;
}

/** Whether SELinux keeps rules on this host. */
export async function enforcesSelinux(probe: Probe): Promise<boolean> {
  const { exitCode, stdout } = await probe('sh', '-c', 'command -v getenforce > /dev/null && getenforce');
  return exitCode === 0 && stdout.trim() === 'Enforcing';
}

async function isActive(probe: Probe, service: string): Promise<boolean> {
  return (await probe('systemctl', 'is-active', '--quiet', service)).exitCode === 0;
}

async function firewalld(probe: Probe, port: number): Promise<FirewallCause | null> {
  if (!await isActive(probe, 'firewalld.service')) return null;
  if ((await probe('firewall-cmd', `--query-port=${port}/tcp`)).exitCode === 0) return null;
  return { what: 'firewalld does not let the port in', fix: `firewall-cmd --permanent --add-port=${port}/tcp && firewall-cmd --reload` };
}

async function ufw(probe: Probe, port: number): Promise<FirewallCause | null> {
  const { exitCode, stdout } = await probe('sh', '-c', 'command -v ufw > /dev/null && ufw status');
  if (exitCode !== 0 || !/^Status: active$/m.test(stdout)) return null;
  if (new RegExp(`^${port}(/tcp)?\\s+ALLOW`, 'm').test(stdout)) return null;
  return { what: 'ufw does not let the port in', fix: `ufw allow ${port}/tcp` };
}

const chains = z.object({ nftables: z.array(z.object({
  chain: z.object({ family: z.string(), table: z.string(), name: z.string(), hook: z.string().optional(), policy: z.string().optional() }).optional(),
})) });

async function nftables(probe: Probe, port: number): Promise<FirewallCause | null> {
  const { exitCode, stdout } = await probe('sh', '-c', 'command -v nft > /dev/null && nft -j list chains');
  if (exitCode !== 0) return null;
  const listed = chains.safeParse(parsed(stdout));
  const closed = listed.data?.nftables.map(({ chain }) => chain).find((chain) => chain?.hook === 'input' && chain.policy === 'drop');
  if (closed === undefined) return null;
  const { family, table, name } = closed;
  return {
    what: `the nftables chain "${family} ${table} ${name}" drops what it does not know`,
    fix: `nft insert rule ${family} ${table} ${name} tcp dport ${port} accept   (and the same line in /etc/nftables.conf, for the next boot)`,
  };
}

async function iptables(probe: Probe, port: number): Promise<FirewallCause | null> {
  const { exitCode, stdout } = await probe('sh', '-c', 'command -v iptables > /dev/null && iptables -S INPUT');
  if (exitCode !== 0 || !/^-P INPUT DROP$|-j (DROP|REJECT)/m.test(stdout) || stdout.includes(`--dport ${port} -j ACCEPT`)) return null;
  return { what: 'the INPUT chain of iptables does not let the port in', fix: `iptables -I INPUT -p tcp --dport ${port} -j ACCEPT   (and save it, for the next boot)` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
