import { failed, passed, plannedOf, warning, whenOthers, type Check, type CheckContext, type Finding, type OtherHost } from '../check.ts';
import { enforcesSelinux, firewallCause } from '../firewall-cause.ts';
import { isTrial, listen, unlisten } from '../port-trial.ts';
import { endpointOf, routeFix, tryTcp } from '../tcp.ts';

/** Half a minute: a node waits for its database. */
const untilOpen = 'for i in $(seq 60); do [ -z "$(ss -Hltn "sport = :$1")" ] || exit 0; sleep 0.5; done; exit 1';

/** The other nodes and the balancer have to reach this node, whatever firewall is in between. */
export const nodePort: Check = {
  id: 'node-port',
  category: 'network',
  applicable: whenOthers,
  async check(context) {
    const { listen: { port } } = plannedOf(context);
    const serves = await context.probe('systemctl', 'is-active', '--quiet', 'bulkhead-node.service');
    if (serves.exitCode === 0) {
      // a node that has just been started opens its port when it is ready to join
      const { exitCode: silent } = await context.probe('sh', '-c', untilOpen, 'sh', String(port));
      if (silent === 0) return tried(context);
      return warning(`The node runs, and does not listen on port ${port}`, 'Its journal says why: journalctl --namespace=+bulkhead -u bulkhead-node.');
    }
    const { stdout: taken } = await context.probe('ss', '-Hltnp', `sport = :${port}`);
    // `port` says by whom it is taken
    if (taken.trim() !== '' && !await isTrial(context.probe, taken)) return null;
    if (taken.trim() !== '') await context.probeToEnd('sh', '-c', unlisten);
    const { exitCode } = await context.probeToEnd('sh', '-c', listen, 'sh', String(port));
    try {
      if (exitCode === 0) return await tried(context);
      if (await enforcesSelinux(context.probe)) return warning(`Nothing may listen on port ${port} for a trial: SELinux enforces its rules here`, `semanage port -a -t http_port_t -p tcp ${port}`);
      return warning(`Nothing could listen on port ${port} for a trial`, `Try it by hand: systemd-run --socket-property=ListenStream=${port} sleep 60`);
    } finally {
      await context.probeToEnd('sh', '-c', unlisten);
    }
  },
};

async function tried({ others, probe, ...context }: CheckContext): Promise<Finding> {
  const { url } = plannedOf({ others, probe, ...context });
  const { host, port } = endpointOf(url);
  const answers = await Promise.all(others.map(async (other) => ({ other, answer: await tryTcp(other.probe, host, port) })));
  const apart = answers.filter(({ answer }) => answer === 'no route').map(({ other }) => other);
  if (apart.length > 0) return failed(`${host}:${port} cannot be reached from ${apart.map(described).join(', ')}: no route there`, `On ${apart.map(({ name }) => name).join(', ')}: ${routeFix}`);
  const shut = answers.filter(({ answer }) => answer === 'silent' || answer === 'refused' || answer === 'unknown name').map(({ other }) => other);
  if (shut.length > 0) {
    const cause = await firewallCause(probe, host, port);
    const from = `${host}:${port} cannot be reached from ${shut.map(described).join(', ')}`;
    if (cause === null) return failed(from, `Open TCP port ${port} between these hosts; no firewall was found on this one.`);
    return failed(`${from}: ${cause.what}`, cause.fix);
  }
  const deaf = await deafBalancers(others);
  if (deaf.length > 0) {
    const [names, booleans] = [new Set(deaf.map(({ name }) => name)), new Set(deaf.map(({ boolean }) => boolean))];
    return warning(`SELinux on ${[...names].join(', ')} does not let what balances there make connections`, ...[...booleans].map((boolean) => `setsebool -P ${boolean} on   (on the balancer host)`));
  }
  return passed(`${host}:${port} can be reached from ${others.map(described).join(', ')}`);
}

/** Of each product that may run on a balancer's host: the boolean of SELinux that lets it connect to nodes. */
const booleans = [['nginx.service', 'httpd_can_network_connect'], ['httpd.service', 'httpd_can_network_connect'], ['haproxy.service', 'haproxy_connect_any']] as const;

/** A shell may connect where SELinux forbids it to nginx, Apache and their like. */
async function deafBalancers(others: readonly OtherHost[]): Promise<{ name: string; boolean: string }[]> {
  const deaf: { name: string; boolean: string }[] = [];
  for (const { name, role, probe } of others) {
    if (role !== 'balancer' || !await enforcesSelinux(probe)) continue;
    for (const [unit, boolean] of booleans) {
      if ((await probe('systemctl', 'is-active', '--quiet', unit)).exitCode !== 0) continue;
      const { exitCode, stdout } = await probe('getsebool', boolean);
      if (exitCode === 0 && stdout.trim().endsWith('off')) deaf.push({ name, boolean });
    }
  }
  return deaf;
}

function described({ name, role }: OtherHost): string {
  return role === 'balancer' ? `${name} (balancer)` : name;
}
