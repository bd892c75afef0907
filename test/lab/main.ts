/** `npm run lab -- up 4` brings hosts up for a person, until Ctrl-C; `npm run lab -- down` clears away what is left. */
import { parseArgs } from 'node:util';
import { users } from './constants.ts';
import type { HostOptions } from './host.ts';
import { clearAway, startLab } from './lab.ts';

const usage = `npm run lab -- up [1-50]        hosts with systemd and sshd, a jump host, one with PostgreSQL and one for balancers, until Ctrl-C; three when no number is given
  --odd                         they differ, as hosts of real networks do: port, shell, SFTP, firewall, mounts, accounts
  --replicated                  PostgreSQL on two hosts: a primary and a standby that commits wait for
npm run lab -- down [--images]  clears away what an earlier one has left; with --images what it was built from, too

BULKHEAD_LAB_RELEASE=trixie     hosts run this Debian instead of the one of this machine; tests of the lab heed it too

It needs root on Debian: it makes network namespaces and containers.`;

interface Wanted { readonly verb: string | undefined; readonly count: number; readonly images: boolean; readonly odd: boolean; readonly replicated: boolean; readonly help: boolean }

/** In turn, with `--odd`. */
const oddities: readonly (Omit<HostOptions, 'name'> & { readonly is: string })[] = [
  { is: 'like any Debian' },
  { is: 'sshd on port 2222, no SFTP', sshPort: 2222, sftp: false },
  { is: 'a talkative login shell, nothing can be executed in /tmp', noisy: true, execInTmp: false },
  { is: 'the number of the service user belongs to somebody', accounts: [{ name: 'jenkins', uid: 8081 }] },
  { is: 'a firewall that lets only SSH in', firewall: true },
  { is: 'no TCP forwarding, passwords in a dialog only', forwarding: false, keyboardInteractive: true },
  { is: 'reached over the host jump only', behind: 'jump' },
  { is: 'the share is not mounted', ownShare: true },
  { is: 'no IPv4', onlyV6: true },
  { is: 'a tiny /opt', smallOpt: '16m' },
];

/** @returns null for arguments that are not understood */
function wantedOf(args: readonly string[]): Wanted | null {
  try {
    const { positionals: [verb, count = '3', ...rest], values } = parseArgs({ args: [...args], allowPositionals: true, options: { images: { type: 'boolean', default: false }, odd: { type: 'boolean', default: false }, replicated: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });
    return rest.length === 0 ? { verb, count: Number(count), ...values } : null;
  } catch {
    return null;
  }
}

async function up({ count, odd, replicated }: Wanted): Promise<void> {
  const kinds = Array.from({ length: count }, (_, index) => (odd ? oddities[index % oddities.length] : undefined));
  const hosts: HostOptions[] = kinds.map((kind, index) => ({ ...kind, name: `host${String(index + 1)}` }));
  // the last one with nginx, HAProxy and Apache httpd installed, for `bulkhead balancer apply`
  hosts.push({ name: 'jump' }, { name: 'front', image: 'balancer' });
  const lab = await startLab({ hosts, database: replicated ? 'replicated' : 'host', say: (line) => { console.log(line); } });
  for (const { name, address, sshPort, options: { behind } } of lab.hosts) {
    const port = sshPort === 22 ? '' : ` -p ${String(sshPort)}`;
    const way = behind === undefined ? '' : ` -o ProxyCommand="ssh -i ${lab.keyFile} -W %h:%p ops@${lab.host(behind).address}"`;
    console.log(`${name.padEnd(9)} ${address.padEnd(13)} ssh -i ${lab.keyFile}${port}${way} ops@${address}  ${kinds[hosts.findIndex((each) => each.name === name)]?.is ?? ''}`.trimEnd());
  }
  for (const { name, password } of Object.values(users)) console.log(`user ${name}, password ${password}`);
  const { database } = lab;
  if (database !== undefined) {
    const name = await database.createDatabase('bulkhead');
    const servers = lab.databaseHosts.map(({ address }) => address).join(',');
    console.log(`PostgreSQL  ${servers}  port ${String(database.port)}  database ${name}, user ${database.user}, password ${database.password}`);
  }
  console.log(`shared folder  ${lab.share}  (/srv/bulkhead on the hosts, root's: --filestore /srv/bulkhead/artifacts)\nCtrl-C takes it all down`);
  const idle = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => { for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve); });
  clearInterval(idle);
  await lab.stop();
}

async function main(wanted: Wanted | null): Promise<number> {
  if (wanted?.help === true) {
    console.log(usage);
    return 0;
  }
  const understood = wanted?.verb === 'down' || (wanted?.verb === 'up' && Number.isInteger(wanted.count) && wanted.count >= 1 && wanted.count <= 50);
  if (wanted === null || !understood) {
    console.error(usage);
    return 2;
  }
  if (process.getuid?.() !== 0) {
    console.error('The lab needs root: it makes network namespaces and containers.');
    return 1;
  }
  if (wanted.verb === 'up') await up(wanted);
  else for (const owner of await clearAway(wanted.images)) console.log(`left alone: the lab of ${owner}`);
  return 0;
}

process.exitCode = await main(wantedOf(process.argv.slice(2)));
