/** `npm run failover -- --trials 50`: how long changes of master take, as distributions, against what is promised. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import type { TestCluster, TestNode } from '../harness/cluster.ts';
import { pause, waitFor } from '../harness/wait-for.ts';
import { startChaosCluster } from './run.ts';

const help = `npm run failover -- [--trials 50] [--events handover,kill,freeze,database]

Three nodes with the default timing on this machine; each event is brought about so many times, one after the other, with a
client that asks all nodes who the master is. Each comes at a random moment within a second after all serve. Prints a table for docs/failover.md.

  handover   an operator asks for it: from the request to its answer, by then the successor leads
  kill       SIGKILL to the master: until some node names the next epoch
  freeze     SIGSTOP of the master: the same; nothing says that it is gone but its silence
  database   PostgreSQL is killed and started: from its first answer until all nodes serve again
`;

interface Event {
  readonly what: string;
  /** promised, milliseconds */
  readonly p50: number;
  readonly p99: number;
  /** resolves to the milliseconds that it took */
  trial(cluster: TestCluster): Promise<number>;
}

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

const events: Readonly<Record<string, Event>> = {
  handover: {
    what: 'graceful handover', p50: 50, p99: 200,
    async trial(cluster) {
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
    async trial(cluster) {
      const { ms, former } = await untilNextMaster(cluster, (master) => master.kill());
      await former.start();
      return ms;
    },
  },
  freeze: {
    what: 'master frozen', p50: 3000, p99: 5000,
    async trial(cluster) {
      const { ms, former } = await untilNextMaster(cluster, (master) => { master.freeze(); return Promise.resolve(); });
      former.thaw();
      return ms;
    },
  },
  database: {
    what: 'PostgreSQL back after a restart → all nodes serving', p50: 500, p99: 2000,
    async trial(cluster) {
      await cluster.postgres.kill();
      await Promise.all(cluster.nodes.map((node) => waitFor(`${node.nodeId} to notice`, async () => (await node.client.get('/api/system/ping')).status === 503, patient)));
      await cluster.postgres.restart();
      const begun = performance.now();
      await Promise.all(cluster.nodes.map((node) => waitFor(`${node.nodeId} to serve`, async () => (await node.client.get('/api/system/ping')).status === 200, { ...patient, everyMs: 5 })));
      return performance.now() - begun;
    },
  },
};

/** Nearest rank (Hyndman and Fan 1996, definition 1): of 50 trials the 99th percentile is the longest. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

async function measure(cluster: TestCluster, event: Event, trials: number): Promise<string> {
  const before = load();
  const times: number[] = [];
  while (times.length < trials) {
    await cluster.untilServing(undefined, patient);
    // when all have just seen a node join, all have just sent a heartbeat: a failure comes at any moment between two
    await pause(Math.random() * 1000);
    times.push(await event.trial(cluster));
    if (times.length % 10 === 0) console.error(`${event.what}: ${String(times.length)} of ${String(trials)}`);
  }
  const sorted = times.sort((a, b) => a - b);
  const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  return `| ${event.what} | ${String(trials)} | ${ms(sorted[0] ?? NaN)} | ${ms(p50)} | ${ms(event.p50)} | ${ms(p99)} | ${ms(event.p99)} | ${p50 <= event.p50 && p99 <= event.p99 ? 'yes' : 'no'} | ${before} – ${load()} |`;
}

const { values } = parseArgs({ options: {
  trials: { type: 'string', default: '50' }, events: { type: 'string', default: Object.keys(events).join(',') }, help: { type: 'boolean', short: 'h', default: false },
} });
const trials = Number(values.trials);
const chosen = values.events.split(',');
const unknown = chosen.filter((name) => !Object.hasOwn(events, name));
if (values.help) console.log(help);
else if (!Number.isInteger(trials) || trials < 1 || unknown.length > 0) {
  console.error(unknown.length > 0 ? `no such event: ${unknown.join(', ')}\n\n${help}` : help);
  process.exitCode = 2;
} else {
  await using cluster = await startChaosCluster({ balancer: false });
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${String(availableParallelism())} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; three nodes and PostgreSQL on this machine\n`);
  console.log('| event | trials | shortest | p50 | promised | p99 | promised | kept | load average |\n|---|---|---|---|---|---|---|---|---|');
  for (const name of chosen) {
    const event = events[name];
    if (event !== undefined) console.log(await measure(cluster, event, trials));
  }
}
