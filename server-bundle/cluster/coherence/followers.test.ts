import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import { ownStamp, sharedStamp, systemClock } from '../clock.ts';
import type { MemoryFollower } from './in-memory-followers.ts';
import { gate, MemoryCluster, until, type MemoryMember } from './in-memory-members.ts';

let cluster: MemoryCluster;
beforeEach(() => { cluster = new MemoryCluster(); });
afterEach(() => { cluster.end(); });

const key = 'artifact:1/a';
const put = (value: string): void => { cluster.values.set(key, value); };
const get = ({ reader }: MemoryFollower): Promise<string | undefined> => reader.read(key, () => cluster.select(key));
const turns = async (count = 10): Promise<void> => { for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve)); };

async function caching(member: MemoryMember, ...followers: MemoryFollower[]): Promise<void> {
  await until(() => {
    member.beat();
    return followers.every(({ reader }) => reader.mayAnswer());
  });
}

/** Two members; the first has two workers, all of which hold the old value in their caches. */
async function warm(rules: { workers?: boolean } = {}): Promise<{ a: MemoryMember; b: MemoryMember; w1: MemoryFollower; w2: MemoryFollower }> {
  const [a, b] = [cluster.join('a', { rules }), cluster.join('b', { rules, acknowledgeMs: 10_000 })];
  put('1');
  await cluster.allCaching();
  const [w1, w2] = [a.followers.add(a.coherence), a.followers.add(a.coherence)];
  await expect.poll(async () => {
    await caching(a, w1, w2);
    const before = cluster.selects;
    for (const worker of [w1, w2]) expect(await get(worker)).toBe('1');
    return cluster.selects === before;
  }).toBe(true);
  return { a, b, w1, w2 };
}

test('a change by another member reaches every worker before it commits', async () => {
  const { a, b, w1, w2 } = await warm();
  await b.put(key, '2');
  for (const worker of [w1, w2]) expect(await get(worker)).toBe('2');
  await a.put(key, '3');
  for (const worker of [w1, w2]) expect(await get(worker)).toBe('3');
});

test('a change by one worker reaches the others, its own node and every member', async () => {
  const { a, b, w1, w2 } = await warm();
  expect([await a.get(key), await b.get(key)]).toEqual(['1', '1']);
  await w1.reader.change({ keys: [key] }, () => { put('2'); return Promise.resolve(); });
  expect([await get(w1), await get(w2), await a.get(key), await b.get(key)]).toEqual(['2', '2', '2', '2']);
});

describe('a worker that stands still', () => {
  test('holds up the acknowledgement to others until it has ended', async () => {
    const { a, b, w2 } = await warm();
    w2.stop();
    let committed = false;
    const change = b.coherence.change({ keys: [key] }, () => { committed = true; return Promise.resolve(); });
    await turns();
    expect(committed).toBe(false);
    w2.end();
    await change;
    expect(cluster.revocations).toBe(0);
    expect(a.coherence.caching).toBe(true);
  });

  test('holds up a change of its own node until it has ended', async () => {
    const { a, w2 } = await warm();
    w2.stop();
    let committed = false;
    const change = a.coherence.change({ keys: [key] }, () => { committed = true; return Promise.resolve(); });
    await turns();
    expect(committed).toBe(false);
    w2.end();
    await change;
    expect(committed).toBe(true);
  });

  test('holds up the word that the right was given back: nobody may rely on it before', async () => {
    const { a, w2 } = await warm();
    w2.stop();
    const given = a.coherence.giveUpRight();
    await turns();
    expect(cluster.row('a').caching).toBe(true);
    w2.goOn();
    await given;
    expect(cluster.row('a').caching).toBe(false);
    expect(w2.reader.mayAnswer()).toBe(false);
  });

  test('holds up a new right until it has heard that the former one was lost', async () => {
    const { a, w2 } = await warm();
    const { rightNumber } = cluster.row('a');
    w2.stop();
    cluster.row('a').caching = false;
    const end = performance.now() + 300;
    await until(() => { a.beat(); return performance.now() > end; });
    expect(cluster.row('a').rightNumber).toBe(rightNumber);
    w2.goOn();
    await caching(a, w2);
    expect(cluster.row('a').rightNumber).toBe(rightNumber + 1);
  });

  test('is waited for by a starting node although its member has lost the right meanwhile', async () => {
    const { a, b, w2 } = await warm();
    w2.stop();
    a.beat();
    await turns();
    const c = cluster.join('c', { state: 'starting', acknowledgeMs: 10_000 });
    const admission = c.coherence.admission(10_000);
    await turns();
    cluster.row('a').caching = false;
    w2.catchUp();
    a.beat();
    await admission;
    let committed = false;
    const change = c.coherence.change({ keys: [key] }, () => { committed = true; return Promise.resolve(); });
    await turns();
    expect(committed).toBe(false);
    w2.goOn();
    await change;
    expect(b.coherence.caching).toBe(true);
  });

  test('answers the old value when its member acknowledges for it', async () => {
    const { b, w2 } = await warm({ workers: false });
    w2.stop();
    await b.put(key, '2');
    expect(await get(w2)).toBe('1');
  });
});

test('a worker that begins while a key is being changed knows of it before its first fill', async () => {
  const { a, b } = await warm();
  const inside = gate();
  const change = b.coherence.change({ keys: [key] }, async () => {
    await inside.pass();
    put('2');
  });
  await until(() => inside.waiting === 1);
  const late = a.followers.add(a.coherence);
  await caching(a, late);
  expect(await get(late)).toBe('1');
  inside.open();
  await change;
  expect(await get(late)).toBe('2');
});

test('told nothing of the change under way, it keeps the old value', async () => {
  const { a, b } = await warm();
  const inside = gate();
  const change = b.coherence.change({ keys: [key] }, async () => {
    await inside.pass();
    put('2');
  });
  await until(() => inside.waiting === 1);
  const late = a.followers.add(a.coherence, a.coherence.news().filter(({ t }) => t !== 'hold'));
  await caching(a, late);
  expect(await get(late)).toBe('1');
  inside.open();
  await change;
  expect(await get(late)).toBe('1');
});

test('a fill under way in a worker is discarded by a change', async () => {
  const { b, w1 } = await warm();
  await b.put(key, '2');
  const read = gate();
  cluster.afterSelect = () => read.pass();
  const filling = get(w1);
  await until(() => read.waiting === 1);
  await b.put(key, '3');
  read.open();
  expect(await filling).toBe('2');
  cluster.afterSelect = () => Promise.resolve();
  expect(await get(w1)).toBe('3');
});

test('the window of a worker ends with that of its node', async () => {
  const { a, w1 } = await warm();
  a.beat();
  await turns();
  expect([a.coherence.mayAnswer(), w1.reader.mayAnswer()]).toEqual([true, true]);
  await until(() => !a.coherence.mayAnswer());
  expect(w1.reader.mayAnswer()).toBe(false);
});

test('a moment means the same in another process, and never a later one', () => {
  for (let i = 0; i < 1000; i += 1) {
    const stamp = systemClock.stamp();
    const back = ownStamp(sharedStamp(stamp));
    expect(back.monotonic).toBeLessThanOrEqual(stamp.monotonic);
    expect(back.wall).toBe(stamp.wall);
  }
});

test('… although each of them counts its time from zero', async () => {
  const { monotonic, wall } = sharedStamp(systemClock.stamp());
  const begun = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', `
    import { ownStamp } from ${JSON.stringify(new URL('../clock.ts', import.meta.url).href)};
    const stamp = ownStamp({ monotonic: ${String(monotonic)}n, wall: ${String(wall)} });
    console.log(JSON.stringify({ now: performance.now(), age: performance.now() - stamp.monotonic }));
  `]);
  const { now, age } = JSON.parse(stdout) as { now: number; age: number };
  expect(now).toBeLessThan(begun);
  expect(age).toBeGreaterThan(0);
  expect(age).toBeLessThan(performance.now() - begun + 50);
});

test('a change of a worker whose outcome is unknown stays held until the node has found out', async () => {
  const { b, w1 } = await warm();
  const change = w1.reader.change({ keys: [key] }, () => Promise.reject(new BulkheadError('OUTCOME_UNKNOWN')));
  await expect(change).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  const isCached = async (): Promise<boolean> => {
    b.beat();
    await b.get(key);
    const before = cluster.selects;
    await b.get(key);
    return cluster.selects === before;
  };
  expect(await isCached()).toBe(false);
  cluster.settled = true;
  await expect.poll(isCached).toBe(true);
});
