/** A command on a host, as an argument list. */
type Run = (...argv: readonly string[]) => Promise<string>;

/** What tests block with; nothing that a check of the product would take for the host's own firewall is touched by it. */
const table = 'lab';

/** The packet filter of one host, seen from inside it. Blocked packets vanish: nobody is told. */
export class Firewall {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Nothing more comes from an address or goes there. */
  async cut(address: string): Promise<void> {
    const family = address.includes(':') ? 'ip6' : 'ip';
    await this.#lay();
    for (const [chain, side] of [['in', 'saddr'], ['out', 'daddr']] as const) await this.#run('nft', 'add', 'rule', 'inet', table, chain, family, side, address, 'drop', 'comment', `"${address}"`);
  }

  async join(address: string): Promise<void> {
    await this.#lay();
    for (const chain of ['in', 'out']) {
      const listed = await this.#run('nft', '--handle', 'list', 'chain', 'inet', table, chain);
      for (const line of listed.split('\n').filter((each) => each.includes(`comment "${address}"`))) {
        await this.#run('nft', 'delete', 'rule', 'inet', table, chain, 'handle', / handle (\d+)$/.exec(line)?.[1] ?? '');
      }
    }
  }

  async #lay(): Promise<void> {
    await this.#run('nft', `add table inet ${table}; add chain inet ${table} in { type filter hook input priority -300; }; add chain inet ${table} out { type filter hook output priority -300; }`);
  }
}

/** What an administrator's firewall would be: only SSH comes in, and what answers. For /etc/nftables.conf. */
export function closedFirewall(sshPort: number): string {
  return `#!/usr/sbin/nft -f
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    meta l4proto { 1, 58 } accept
    tcp dport ${sshPort} accept
  }
}
`;
}
