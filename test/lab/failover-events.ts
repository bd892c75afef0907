import { Client } from 'pg';
import type { Event } from '../chaos/trials.ts';
import { waitFor } from '../harness/wait-for.ts';
import type { LanNodes } from './lan-cluster.ts';

const patient = { timeoutMs: 120_000 };

/** What can happen to the master of a cluster on hosts, and to the host of its database; with what docs/failover.md promises for each. */
export function labEvents(cluster: LanNodes): Readonly<Record<string, Event>> {
  const host = (name: string): ReturnType<LanNodes['lab']['host']> => cluster.lab.host(name);
  const silence = (what: string, strike: (master: string) => Promise<void>, undo: (master: string) => Promise<void>): Event => ({
    what, p50: 3000, p99: 5000, trial: () => untilNextMaster(cluster, (master) => Promise.resolve(() => strike(master)), undo),
  });
  return {
    handover: {
      what: 'graceful handover', p50: 50, p99: 200,
      async trial() {
        const { nodeId } = await cluster.master();
        // it has checked this client's password before
        await waitFor(`${nodeId} to know the password`, () => cluster.at(nodeId).view().then(() => true), patient);
        const begun = performance.now();
        const answer = await cluster.at(nodeId).post('api/v1/cluster/master', '{}');
        const ms = performance.now() - begun;
        if (answer?.status !== 200) throw new Error(`the handover was answered with ${answer?.text ?? 'nothing'}`);
        return ms;
      },
    },
    kill: {
      // members that see three unplanned changes of master within 15 s take somebody for the cause who resets connections, and wait for the lease:
      // two at most are within that time here
      what: 'master process killed', p50: 300, p99: 1000, restMs: 7500,
      trial: () => untilNextMaster(cluster, async (master) => {
        const kill = await host(master).killerOf('bulkhead-node.service');
        return () => { kill(); return Promise.resolve(); };
      }, () => Promise.resolve()),
    },
    power: silence('master\'s host lost its power', (master) => host(master).losePower(), (master) => host(master).boot()),
    cut: silence('master\'s host cut off', (master) => host(master).cutOff(), (master) => host(master).reconnect()),
    freeze: silence('master\'s host frozen', (master) => { host(master).freeze(); return Promise.resolve(); }, (master) => { host(master).thaw(); return Promise.resolve(); }),
    database: {
      what: 'host of PostgreSQL back after a power cut → all nodes serving', p50: 500, p99: 2000,
      async trial() {
        const [database] = cluster.lab.databaseHosts;
        if (database === undefined) throw new Error('the database is no host');
        await database.host.losePower();
        await Promise.all(cluster.names.map((name) => waitFor(`${name} to notice`, async () => (await cluster.at(name).get('api/system/ping'))?.status === 503, patient)));
        await database.host.boot();
        await waitFor('PostgreSQL', () => database.query('select 1').then(() => true), { ...patient, everyMs: 5 });
        const begun = performance.now();
        await cluster.untilServing(patient.timeoutMs, 5);
        return performance.now() - begun;
      },
    },
  };
}

/** From before the blow that `prepare` makes ready until a survivor names the next epoch. Nodes are asked once the database has it: views at a high rate would slow down what they measure. */
async function untilNextMaster(cluster: LanNodes, prepare: (master: string) => Promise<() => Promise<void>>, undo: (master: string) => Promise<void>): Promise<number> {
  const { nodeId: former, epoch } = await cluster.master();
  const { lab, databaseName: database } = cluster;
  const watch = new Client({ host: lab.databaseAddress, port: lab.database?.port ?? 0, user: lab.database?.user, password: lab.database?.password, database });
  await watch.connect();
  // each has checked this client's password before: that takes longer than what is measured
  await Promise.all(cluster.names.map((name) => waitFor(`${name} to know the password`, () => cluster.at(name).view().then(() => true), patient)));
  const strike = await prepare(former);
  const begun = performance.now();
  try {
    const struck = strike();
    // it may fail while the other is waited for
    struck.catch(() => undefined);
    const next = await waitFor('the next epoch', async () => (await watch.query<{ node_id: string }>('select node_id from leadership where epoch > $1 and node_id is not null', [epoch])).rows[0]?.node_id, { ...patient, everyMs: 5 });
    if (next === former) throw new Error(`${former} is master again`);
    await waitFor('the next master to say so', async () => ((await cluster.at(next).view()).master?.epoch ?? 0) > epoch, { ...patient, everyMs: 5 });
    const ms = performance.now() - begun;
    await struck;
    return ms;
  } finally {
    await watch.end();
    await undo(former);
  }
}
