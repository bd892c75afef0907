/** `npm run lab -- up 4` brings hosts up for a person, until Ctrl-C; `npm run lab -- down` clears away what is left. */
import { parseArgs } from 'node:util';
import { users } from './constants.ts';
import type { HostOptions } from './host.ts';
import { clearAway, startLab } from './lab.ts';

const usage = `npm run lab -- up [1-50]        hosts with systemd and sshd, PostgreSQL, and a host for balancers, until Ctrl-C; three when no number is given
npm run lab -- down [--images]  clears away what an earlier one has left; with --images what it was built from, too

It needs root on Debian: it makes network namespaces and containers.`;

interface Wanted { readonly verb: string | undefined; readonly count: number; readonly images: boolean; readonly help: boolean }

/** @returns null for arguments that are not understood */
function wantedOf(args: readonly string[]): Wanted | null {
  try {
    const { positionals: [verb, count = '3', ...rest], values } = parseArgs({ args: [...args], allowPositionals: true, options: { images: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });
    return rest.length === 0 ? { verb, count: Number(count), ...values } : null;
  } catch {
    return null;
  }
}

async function up(count: number): Promise<void> {
  const hosts: HostOptions[] = Array.from({ length: count }, (_, index) => ({ name: `host${String(index + 1)}` }));
  // with nginx, HAProxy and Apache httpd installed, for `bulkhead balancer apply`
  hosts.push({ name: 'front', image: 'balancer' });
  const lab = await startLab({ hosts, database: true, say: (line) => { console.log(line); } });
  for (const { name, address } of lab.hosts) console.log(`${name}  ${address}  ssh -i ${lab.keyFile} ops@${address}`);
  for (const { name, password } of Object.values(users)) console.log(`user ${name}, password ${password}`);
  const { database } = lab;
  if (database !== undefined) {
    const name = await database.createDatabase('bulkhead');
    console.log(`PostgreSQL  ${lab.databaseAddress}:${String(database.port)}  database ${name}, user ${database.user}, password ${database.password}`);
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
  if (wanted.verb === 'up') await up(wanted.count);
  else for (const owner of await clearAway(wanted.images)) console.log(`left alone: the lab of ${owner}`);
  return 0;
}

process.exitCode = await main(wantedOf(process.argv.slice(2)));
