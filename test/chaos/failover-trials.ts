/** `npm run failover -- --trials 50`: how long changes of master take, as distributions, against what is promised. */
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { installCommand, missingOf } from '../../scripts/test/system-packages.ts';
import type { TestCluster, TestNode } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { labEvents } from '../lab/failover-events.ts';
import { startLanNodes } from '../lab/lan-cluster.ts';
import { startChaosCluster } from './run.ts';
import { printTable, type Event } from './trials.ts';

const help = `npm run failover -- [--lab] [--trials 50] [--events handover,kill,freeze,database]

Three nodes with the default timing on this machine; each event is brought about so many times, one after the other, with a
client that asks all nodes who the master is. Each comes at a random moment within a second after all serve. Prints a table for docs/failover.md.

  handover   an operator asks for it: from the request to its answer, by then the successor leads
  kill       SIGKILL to the master: until some node names the next epoch
  freeze     SIGSTOP of the master: the same; nothing says that it is gone but its silence
  database   PostgreSQL is killed and started: from its first answer until all nodes serve again

--lab: three hosts of the lab and a host for PostgreSQL, on a wire of their own (as root, on Debian). There, also:

  power      the master's host loses its power: the link is down before anything on it ends
  cut        the link of the master's host is down
  freeze     everything on the master's host stands still
  database   the host of PostgreSQL loses its power and boots
`;

const patient = { timeoutMs: 60_000 };

/** From `strike` until a node names the next epoch. Nodes are asked once the database has it: views at a high rate would slow down what they measure. */
async function untilNextMaster(cluster: TestCluster, strike: (master: TestNode) => Promise<void>): Promise<{ ms: number; former: TestNode }> {
  const { node: former, epoch } = await cluster.master();
  const { host, port, user, password } = cluster.postgres;
  const watch = new Client({ host, port, user, password, database: cluster.database });
  await watch.connect();
  try {
    const begun = performance.now();
    const taken = async (): Promise<number> => {
      await waitFor('the next epoch', async () => (await watch.query('select from leadership where epoch > $1', [epoch])).rowCount === 1, { ...patient, everyMs: 5 });
      await cluster.master({ except: former.nodeId, aboveEpoch: epoch, ...patient, everyMs: 5 });
      return performance.now() - begun;
    };
    const [, ms] = await Promise.all([strike(former), taken()]);
    return { ms, former };
  } finally {
    await watch.end();
  }
}

const loopbackEvents = (cluster: TestCluster): Readonly<Record<string, Event>> => ({
  handover: {
    what: 'graceful handover', p50: 50, p99: 200,
    async trial() {
      const { node } = await cluster.master();
      const begun = performance.now();
      const { status } = await node.client.post('/api/v1/cluster/master', {});
      const ms = performance.now() - begun;
      if (status !== 200) throw new Error(`the handover was answered with ${String(status)}`);
      return ms;
    },
  },
  kill: {
    what: 'master process killed', p50: 300, p99: 1000,
    async trial() {
      const { ms, former } = await untilNextMaster(cluster, (master) => master.kill());
      await former.start();
      return ms;
    },
  },
  freeze: {
    what: 'master frozen', p50: 3000, p99: 5000,
    async trial() {
      const { ms, former } = await untilNextMaster(cluster, (master) => { master.freeze(); return Promise.resolve(); });
      former.thaw();
      return ms;
    },
  },
  database: {
    what: 'PostgreSQL back after a restart → all nodes serving', p50: 500, p99: 2000,
    async trial() {
      await cluster.postgres.kill();
      await Promise.all(cluster.nodes.map((node) => waitFor(`${node.nodeId} to notice`, async () => (await node.client.get('/api/system/ping')).status === 503, patient)));
      await cluster.postgres.restart();
      const begun = performance.now();
      await Promise.all(cluster.nodes.map((node) => waitFor(`${node.nodeId} to serve`, async () => (await node.client.get('/api/system/ping')).status === 200, { ...patient, everyMs: 5 })));
      return performance.now() - begun;
    },
  },
});

const { values } = parseArgs({ options: {
  trials: { type: 'string', default: '50' }, events: { type: 'string' }, lab: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
} });
const trials = Number(values.trials);

/** @returns false for a name that is not among them */
async function measure(where: string, events: Readonly<Record<string, Event>>, ready: () => Promise<void>): Promise<boolean> {
  const chosen = values.events?.split(',') ?? Object.keys(events);
  const unknown = chosen.filter((name) => !Object.hasOwn(events, name));
  if (unknown.length > 0) {
    console.error(`no such event: ${unknown.join(', ')}\n\n${help}`);
    return false;
  }
  await printTable(where, chosen.flatMap((name) => events[name] ?? []), trials, ready);
  return true;
}

async function main(): Promise<boolean> {
  if (values.lab) {
    const missing = missingOf(['lan-hosts']);
    if (missing.length > 0) {
      console.error(`hosts of the lab need what this machine lacks: ${installCommand(missing)}`);
      return false;
    }
    await using cluster = await startLanNodes(['one', 'two', 'three'], { database: 'host' });
    return await measure('three nodes and PostgreSQL, each on a host of the lab', labEvents(cluster), () => cluster.untilServing(120_000));
  }
  await using cluster = await startChaosCluster({ balancer: false });
  return await measure('three nodes and PostgreSQL on this machine', loopbackEvents(cluster), () => cluster.untilServing(undefined, patient));
}

if (values.help) console.log(help);
else if (!Number.isInteger(trials) || trials < 1) {
  console.error(help);
  process.exitCode = 2;
} else if (!await main()) process.exitCode = 2;
