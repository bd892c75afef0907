import type { LabHost } from './host.ts';

/** Files, accounts, units and ports of a host, as text: two that are equal are the same host, untouched. */
export function stateOf(host: LabHost): Promise<string> {
  return host.run('sh', '-c', `
    find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log -o -path /var/cache -o -path /var/tmp -o -path /var/lib/systemd \\) -prune \\
      -o ! -name '*-' ! -name .pwd.lock -printf '%p %y %m %U:%G %l\\n' | sort
    getent passwd; getent group; systemctl list-unit-files --no-legend | awk '{print $1, $2}'; ss -Hltn | awk '{print $4}' | sort`);
}
