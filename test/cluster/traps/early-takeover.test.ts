import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import pino from 'pino';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Lease } from '../../../server-bundle/cluster/leadership/lease.ts';
import { Eviction } from '../../../server-bundle/cluster/membership/eviction.ts';
import type { Mesh, MeshListener } from '../../../server-bundle/cluster/mesh/peer.ts';
import type { HeartbeatAnswer } from '../../../server-bundle/metadata/heartbeat.ts';
import { liveMembers } from '../../../server-bundle/metadata/membership.ts';
import { freePort } from '../../harness/free-port.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { pause, waitFor } from '../../harness/wait-for.ts';
import { membersDatabase, type DatabaseMember, type MembersDatabase } from './members-database.ts';

/** Links that break while their members live: by a firewall that resets connections, or by whatever. */
const never = 600_000;
let postgres: TestPostgres;
let members: MembersDatabase;
const observers: Observer[] = [];
beforeAll(async () => { postgres = await startPostgres(); });
afterAll(() => postgres.stop());
beforeEach(async () => { members = await membersDatabase(postgres); });
afterEach(async () => {
  await Promise.all(observers.splice(0).map((observer) => observer.end()));
  await members[Symbol.asyncDispose]();
});

/** A member without a link to anybody, and its heartbeats. It is told that `holder` is the master. */
class Observer {
  holder: DatabaseMember;
  epoch = 1;
  #seen = 0;
  readonly #ended = new AbortController();
  readonly #listeners: MeshListener[] = [];
  readonly #running: Promise<void>;

  constructor(by: DatabaseMember, holder: DatabaseMember, ttlMs: number, heartbeatMs = 40) {
    this.holder = holder;
    const mesh: Mesh = { isLinked: () => false, send: () => false, broadcast: () => undefined, listen: (listener) => { this.#listeners.push(listener); } };
    const seen = (): { incarnation: string } => ({ incarnation: this.holder.id });
    const eviction = new Eviction({
      incarnation: by.id, heartbeatMs, ttlMs, mesh, work: members.own.db, log: pino({ level: 'silent' }), signal: this.#ended.signal, poke: () => undefined,
      lease: { get seen() { return seen(); }, isMaster: () => false, holderGone: () => undefined } as unknown as Lease,
    });
    this.#running = this.#observe(eviction);
    observers.push(this);
  }

  async #observe(eviction: Eviction): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const lease = { epoch: this.epoch, incarnation: this.holder.id };
      eviction.heartbeat({ members: await liveMembers(members.own.db), lease } as unknown as HeartbeatAnswer);
      this.#seen += 1;
      await pause(20);
    }
  }

  /** Some heartbeats later, all of them begun from now on. */
  async later(): Promise<void> {
    const enough = this.#seen + 12;
    await waitFor('heartbeats of the observer', () => this.#seen >= enough);
  }

  linkBroke(): void {
    for (const listener of this.#listeners) listener.closed?.({ incarnation: this.holder.id, nodeId: this.holder.nodeId });
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }
}

async function listening(): Promise<{ server: Server; url: string }> {
  const server = createServer((socket) => { socket.on('error', () => undefined).end(); });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, url: `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}` };
}

const nobodyListens = async (): Promise<string> => `http://127.0.0.1:${String(await freePort())}`;
const lives = async (member: DatabaseMember): Promise<boolean> => (await liveMembers(members.own.db)).some(({ id }) => id === member.id);
/** Its last heartbeat: by the clock of the database, seconds from now. */
const beatAt = (member: DatabaseMember, seconds: number): Promise<unknown> =>
  sql`update incarnation set heartbeat_at = clock_timestamp() + make_interval(secs => ${seconds}) where id = ${member.id}`.execute(members.own.db);

test('a port that accepts says that the process may live: silence alone waits for the TTL', async () => {
  const { server, url } = await listening();
  const master = await members.member('master', url);
  const other = await members.member('other');
  const patient = new Observer(other, master, never);
  await patient.later();
  patient.linkBroke();
  await patient.later();
  expect(await lives(master)).toBe(true);
  await patient.end();
  new Observer(other, master, 300);
  await waitFor('the end of its TTL', async () => !(await lives(master)));
  server.close();
});

test('a port that refuses is not enough while heartbeats come; it is with the first that is missing', async () => {
  const master = await members.member('master', await nobodyListens());
  // a period that no stall of this machine outlasts
  await beatAt(master, 0);
  const observer = new Observer(await members.member('other'), master, never, 60_000);
  await observer.later();
  observer.linkBroke();
  await observer.later();
  expect(await lives(master)).toBe(true);
  await beatAt(master, -100);
  await waitFor('the early takeover', async () => !(await lives(master)));
});

test('after some takeovers in a row none is early any more', async () => {
  // they count for 15 s: on a machine that takes longer than that, they are brought about again
  for (let attempt = 0, inTime = false; !inTime && attempt < 5; attempt += 1) {
    const begun = performance.now();
    const isAlive = await aliveAfterThree(`attempt-${String(attempt)}`);
    inTime = performance.now() - begun < 14_000;
    if (inTime) expect(isAlive).toBe(true);
  }
});

/** Whether a fourth master with a missing heartbeat, a closed port and a broken link counts as living. */
async function aliveAfterThree(name: string): Promise<boolean> {
  const url = await nobodyListens();
  const observer = new Observer(await members.member(name), await members.member(`${name}-0`, url), never);
  for (let count = 1; count <= 3; count += 1) {
    const before = observer.holder;
    await beatAt(before, -1);
    await waitFor(`early takeover ${String(count)}`, async () => !(await lives(before)));
    const next = await members.member(`${name}-${String(count)}`, url);
    await beatAt(next, 3600);
    observer.holder = next;
    observer.epoch += 1;
    await observer.later();
  }
  await beatAt(observer.holder, -1);
  await observer.later();
  observer.linkBroke();
  await observer.later();
  const isAlive = await lives(observer.holder);
  await observer.end();
  return isAlive;
}
