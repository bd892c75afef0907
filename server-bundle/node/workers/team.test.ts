import { Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MemberCoherence } from '../../cluster/coherence/coherence.ts';
import type { ReaderNews } from '../../cluster/coherence/followers.ts';
import type { OpenDatabase } from '../../metadata/connection/database.ts';
import { StandInProcess } from './stand-in-process.ts';
import { WorkerTeam } from './team.ts';

const silenceMs = 1500;
const hold: ReaderNews = { t: 'hold', writer: 'n2', hold: { number: 1, keys: ['artifact:1/a'], prefixes: [] } };

let processes: StandInProcess[];
let own: { max: number };
let strays: number[];
let ended: { number: number; unknown: boolean }[];
let news: ReaderNews[];
/** of the node: what a worker begins with, and what is read again right after it began */
let secrets: { keys: Uint8Array[]; passwords: string[] };
let rotated: typeof secrets | null;
let refusals: number;
let failures: number;
let team: WorkerTeam;

beforeEach(async () => {
  processes = [];
  own = { max: 1 };
  strays = [];
  ended = [];
  news = [hold];
  secrets = { keys: [], passwords: ['first'] };
  rotated = null;
  refusals = 0;
  failures = 0;
  let changes = 0;
  let ordinals = 0;
  const pool = {
    state: () => ({ max: own.max, inUse: 0, idle: 0, waiting: 0 }), livePids: () => [], close: () => Promise.resolve(),
    resize: (max: number) => { own.max = max; return Promise.resolve(); },
  } as unknown as OpenDatabase;
  team = new WorkerTeam({
    count: 2, silenceMs, publishMs: 1000, finishMs: 50, log: pino({ level: 'silent' }), own: pool, ordinal: () => ordinals += 1,
    hire: () => { if (refusals > 0) { refusals -= 1; throw new Error('spawn ENOMEM'); } const hired = new StandInProcess(); processes.push(hired); return hired; },
    start: () => {
      const begun = secrets;
      secrets = rotated ?? secrets;
      return { version: StandInProcess.version, ...begun } as never;
    },
    node: () => ({}) as never, services: {} as never, look: () => undefined, failed: () => { failures += 1; }, mesh: () => undefined, login: () => undefined,
    sessionsAtServer: () => Promise.resolve(0), endStrays: () => Promise.resolve(strays.shift() ?? 0),
  });
  await team.pool.resize(9);
  team.begin({
    news: () => news,
    begin: () => Promise.resolve(changes += 1),
    end: (number: number, unknown: boolean) => { ended.push({ number, unknown }); },
  } as unknown as MemberCoherence);
  await expect.poll(() => team.ready().length).toBe(2);
});
afterEach(async () => {
  team.end();
  await team.gone;
});

const first = (): StandInProcess => processes[0]!;
const shares = (): number[] => [own.max, ...processes.filter((each) => !each.isGone).map(({ share }) => share)];
/** Whether a promise has been settled after everything that was under way in memory. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => { settled = true; });
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
  return settled;
}

test('the pool is shared between the process of the node and its workers', () => {
  expect(shares()).toEqual([2, 4, 3]);
  expect(team.pool.state().max).toBe(9);
});

test('a smaller pool is shared out anew; one that is too small for two has one', async () => {
  await team.pool.resize(7);
  expect(shares()).toEqual([2, 3, 2]);
  await team.pool.resize(5);
  expect(shares()).toEqual([2, 3]);
});

describe('trap 16', () => {
  test('a worker gets the active holds before anything that it could serve with', () => {
    const joined = first().told.findIndex((message) => message.t === 'join');
    expect(first().told[joined]).toMatchObject({ reader: [hold] });
    expect(first().told.findIndex((message) => message.t === 'call' && message.name === 'resize')).toBeGreaterThan(joined);
  });

  test('nothing is settled before every worker has acknowledged', async () => {
    team.tell(hold);
    expect(await isSettled(team.settled())).toBe(true);
    first().isFrozen = true;
    team.tell(hold);
    expect(await isSettled(team.settled())).toBe(false);
  });

  test('a silent worker is killed, and only then it is settled', async () => {
    const [silent] = processes;
    silent!.isFrozen = true;
    team.tell(hold);
    const begun = performance.now();
    await team.settled();
    expect(silent!.isGone).toBe(true);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(silenceMs - 2);
    await expect.poll(() => team.ready().length).toBe(2);
    expect(processes).toHaveLength(3);
  });

  test('a worker that joins meanwhile is waited for as well', async () => {
    first().end('SIGSEGV');
    await expect.poll(() => processes.length).toBe(3);
    await expect.poll(() => processes[2]!.told.some(({ t }) => t === 'join')).toBe(true);
    processes[2]!.isFrozen = true;
    team.tell(hold);
    expect(await isSettled(team.settled())).toBe(false);
  });
});

test('the share of a worker that ended is given away when nothing is left of it at the server', async () => {
  strays = [3, 2, 0];
  first().end('SIGSEGV');
  await expect.poll(() => processes.length).toBe(3);
  await expect.poll(() => processes[2]!.share > 0).toBe(true);
  expect(strays).toEqual([]);
  expect(shares()).toEqual([2, 4, 3]);
});

test('what a worker had prepared stays held until it is known what came of it', async () => {
  first().say({ t: 'call', id: 1, name: 'begin', args: [{ keys: ['artifact:1/a'] }] });
  await expect.poll(() => first().told.some(({ t }) => t === 'answer')).toBe(true);
  first().end('SIGSEGV');
  await expect.poll(() => ended.length > 0).toBe(true);
  expect(ended).toEqual([{ number: 1, unknown: true }]);
});

test('a change is over once, by the word of its worker', async () => {
  first().say({ t: 'call', id: 1, name: 'begin', args: [{ keys: ['artifact:1/a'] }] });
  await expect.poll(() => first().told.some(({ t }) => t === 'answer')).toBe(true);
  first().say({ t: 'change-over', number: 1, unknown: false });
  first().say({ t: 'change-over', number: 1, unknown: false });
  // of another
  processes[1]!.say({ t: 'change-over', number: 1, unknown: true });
  await expect.poll(() => ended.length > 0).toBe(true);
  first().end('SIGSEGV');
  await expect.poll(() => processes.length).toBe(3);
  expect(ended).toEqual([{ number: 1, unknown: false }]);
});

test('a worker that begins while secrets are read again gets the new ones', async () => {
  rotated = { keys: [], passwords: ['second'] };
  first().end('SIGSEGV');
  await expect.poll(() => processes.length === 3 && team.ready().length === 2).toBe(true);
  const { told } = processes[2]!;
  expect(told.find(({ t }) => t === 'start')).toMatchObject({ start: { passwords: ['first'] } });
  expect(told.findLast(({ t }) => t === 'secrets')).toMatchObject({ secrets: { passwords: ['second'] } });
});

test('a worker that cannot be started is tried again later', async () => {
  refusals = 1;
  first().end('SIGSEGV');
  await expect.poll(() => processes.length === 3 && team.ready().length === 2).toBe(true);
  expect(failures).toBe(2);
});

test('a worker without a file descriptor left refuses connections, and takes them again later', async () => {
  const [worker] = team.ready();
  const socket = (): Socket => new Socket();
  first().isFull = true;
  const refused = socket();
  expect(await worker!.hand(refused)).toBe(false);
  expect(refused.destroyed).toBe(true);
  expect(worker!.isTaking).toBe(false);
  first().isFull = false;
  const taken = socket();
  expect(await worker!.hand(taken)).toBe(true);
  expect(first().sockets).toEqual([taken]);
});

test('all workers end with their incarnation, and nobody is hired any more', async () => {
  team.end();
  await team.gone;
  expect(processes.every(({ isGone }) => isGone)).toBe(true);
  await new Promise((resolve) => { setTimeout(resolve, 150); });
  expect(processes).toHaveLength(2);
});
