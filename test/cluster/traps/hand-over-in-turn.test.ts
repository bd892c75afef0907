import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../server-bundle/cluster/clock.ts';
import { Lease } from '../../../server-bundle/cluster/leadership/lease.ts';
import { MemoryMesh } from '../../../server-bundle/cluster/mesh/in-memory-mesh.ts';
import { beat } from '../../../server-bundle/metadata/heartbeat.ts';
import { epochHistory } from '../../../server-bundle/metadata/leadership.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { membersDatabase, type MembersDatabase } from './members-database.ts';

/** Leases of three members whose heartbeats stopped: whatever happens from then on, happens by what they tell each other. */
let postgres: TestPostgres;
let members: MembersDatabase;
let ended: AbortController;
beforeAll(async () => { postgres = await startPostgres(); });
afterAll(() => postgres.stop());
beforeEach(async () => {
  members = await membersDatabase(postgres);
  ended = new AbortController();
});
afterEach(async () => {
  ended.abort();
  await members[Symbol.asyncDispose]();
});

interface Candidate { readonly id: string; readonly nodeId: string; readonly lease: Lease; readonly mesh: MemoryMesh }

const noRates = { pool: { max: 0, inUse: 0, idle: 0, waiting: 0 }, rates: null, facts: null, inFlight: 0 };

async function candidate(nodeId: string): Promise<Candidate> {
  const { id, database } = await members.member(nodeId);
  const mesh = new MemoryMesh({ incarnation: id, nodeId });
  const lease = new Lease({
    incarnation: id, nodeId, ttlMs: 20_000, marginMs: 1000, clock: systemClock, mesh, log: pino({ level: 'silent' }), db: database.db, work: database.db,
    signal: ended.signal, eligible: () => true, onMaster: () => undefined, poke: () => undefined,
  });
  return { id, nodeId, lease, mesh };
}

async function candidates(): Promise<Candidate[]> {
  const all = [await candidate('n1'), await candidate('n2'), await candidate('n3')];
  all.forEach((one, at) => { for (const other of all.slice(at + 1)) one.mesh.link(other.mesh); });
  const report = ({ id, nodeId, lease }: Candidate): ReturnType<typeof beat> =>
    beat(members.own.db, { incarnation: id, nodeId, state: 'serving', ...noRates, leaseId: lease.leaseId });
  for (const one of all) await report(one);
  for (const one of all) {
    one.lease.heartbeat(systemClock.stamp(), await report(one));
    await waitFor('a first master', () => Promise.resolve(all[0]?.lease.isMaster()));
  }
  return all;
}

const masterOf = (all: readonly Candidate[]): Candidate => {
  const [master, second] = all.filter(({ lease }) => lease.isMaster());
  if (master === undefined || second !== undefined) throw new Error('there has to be one master');
  return master;
};

test('a lease that is let go again and again finds its next holder each time, whoever held it a moment ago', async () => {
  const all = await candidates();
  for (let epoch = 2; epoch <= 8; epoch += 1) {
    const { nodeId, epoch: reached } = await masterOf(all).lease.handOver();
    expect({ nodeId, reached }).toEqual({ nodeId: masterOf(all).nodeId, reached: epoch });
  }
  expect((await epochHistory(members.own.db, 10)).map(({ cause }) => cause)).toEqual([...Array<string>(7).fill('hand-over'), 'first']);
});

test('where the first candidate does not hear that the lease was let go, the next one takes it', async () => {
  const all = await candidates();
  const master = masterOf(all);
  const [first, next] = all.filter((one) => one !== master).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (first === undefined || next === undefined) throw new Error('three members are needed');
  first.mesh.freeze();
  expect(await master.lease.handOver()).toMatchObject({ nodeId: next.nodeId, epoch: 2 });
  first.mesh.thaw();
  await waitFor('it to hear of both', () => Promise.resolve(first.lease.current()?.nodeId === next.nodeId));
  expect(masterOf(all)).toBe(next);
});
