/** `npm run lab -- up 4` brings hosts up for a person, until Ctrl-C; `npm run lab -- down` clears away what is left. */
import { parseArgs } from 'node:util';
import { users } from './constants.ts';
import type { HostOptions } from './host.ts';
import { clearAway, startLab } from './lab.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { images: { type: 'boolean', default: false } } });
const [verb, count = '3'] = positionals;

async function up(): Promise<void> {
  const hosts: HostOptions[] = Array.from({ length: Number(count) }, (_, index) => ({ name: `host${String(index + 1)}` }));
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

if (process.getuid?.() !== 0) throw new Error('the lab needs root: it makes network namespaces and containers');
if (verb === 'up' && Number(count) >= 1 && Number(count) <= 50) await up();
else if (verb === 'down') {
  for (const owner of await clearAway(values.images)) console.log(`left alone: the lab of ${owner}`);
} else {
  console.error('lab up [1-50] | down [--images]');
  process.exitCode = 2;
}
