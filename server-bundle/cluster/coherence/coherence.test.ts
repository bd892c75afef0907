import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import { systemClock } from '../clock.ts';
import { gate, MemoryCluster, until, windowMs } from './in-memory-members.ts';

let cluster: MemoryCluster;
beforeEach(() => { cluster = new MemoryCluster(); });
afterEach(() => { cluster.end(); });

const key = 'artifact:1/a';
const put = (value: string): void => { cluster.values.set(key, value); };

test('a hot key asks the database once, and absence is never cached', async () => {
  const [a] = [cluster.join('a'), cluster.join('b')];
  await cluster.allCaching();
  expect(await a.get(key)).toBeUndefined();
  put('1');
  expect(await a.get(key)).toBe('1');
  const before = cluster.selects;
  for (let i = 0; i < 10; i += 1) expect(await a.get(key)).toBe('1');
  expect(cluster.selects).toBe(before);
});

test('a change by one member is seen by all at once', async () => {
  const [a, b, c] = [cluster.join('a'), cluster.join('b'), cluster.join('c')];
  put('1');
  await cluster.allCaching();
  for (const member of [a, b, c]) expect(await member.get(key)).toBe('1');
  await a.put(key, '2');
  expect([await a.get(key), await b.get(key), await c.get(key)]).toEqual(['2', '2', '2']);
});

test('without prepare, a member answers the old value', async () => {
  const [a, b] = [cluster.join('a', { rules: { prepare: false } }), cluster.join('b')];
  put('1');
  await cluster.allCaching();
  await b.get(key);
  await a.put(key, '2');
  expect(await b.get(key)).toBe('1');
});

test('the right is used only within the window after a heartbeat that confirmed it', async () => {
  const a = cluster.join('a');
  await cluster.allCaching();
  expect(a.coherence.mayAnswer()).toBe(true);
  await until(() => !a.coherence.mayAnswer());
  a.beat();
  expect(a.coherence.mayAnswer()).toBe(true);
});

describe('a member that does not acknowledge', () => {
  const stale = async (rules: { revocation?: boolean }): Promise<{ tookMs: number; read: string | undefined }> => {
    const [a, b] = [cluster.join('a', { rules }), cluster.join('b')];
    put('1');
    await cluster.allCaching();
    await b.get(key);
    b.mesh.freeze();
    b.beat();
    const begun = performance.now();
    await a.put(key, '2');
    return { tookMs: performance.now() - begun, read: await b.get(key) };
  };

  test('loses its right, and its window is waited for', async () => {
    const { tookMs, read } = await stale({});
    expect(tookMs).toBeGreaterThan(windowMs);
    expect(read).toBe('2');
    expect(cluster.row('b').caching).toBe(false);
  });

  test('answers the old value when revocation is taken out', async () => {
    expect((await stale({ revocation: false })).read).toBe('1');
  });

  test('wins a new right when it is back, and is prepared again', async () => {
    const [a, b] = [cluster.join('a'), cluster.join('b')];
    put('1');
    await cluster.allCaching();
    b.mesh.freeze();
    await a.put(key, '2');
    b.mesh.thaw();
    await cluster.allCaching();
    expect(cluster.row('b').rightNumber).toBe(2);
    expect(await b.get(key)).toBe('2');
    await a.put(key, '3');
    expect(await b.get(key)).toBe('3');
  });
});

test('trap 11: the second writer waits a full window of its own for a member that the first one revoked', async () => {
  const [a, b, c] = [cluster.join('a'), cluster.join('b'), cluster.join('c')];
  put('1');
  await cluster.allCaching();
  c.mesh.freeze();
  const first = a.put(key, '2');
  await until(() => !cluster.row('c').caching);
  const begun = performance.now();
  await b.put('artifact:1/other', 'x');
  expect(performance.now() - begun).toBeGreaterThan(windowMs);
  await first;
});

test('trap 12: a hold outlives the link and the cache, and ends by the resync', async () => {
  const [a, b] = [cluster.join('a'), cluster.join('b')];
  put('1');
  await cluster.allCaching();
  const commit = gate();
  const change = a.coherence.change({ keys: [key] }, async () => {
    await commit.pass();
    put('2');
  });
  await until(() => commit.waiting === 1);
  a.mesh.unlink(b.mesh);
  expect(b.coherence.mayAnswer()).toBe(false);
  a.mesh.link(b.mesh);
  await cluster.allCaching();
  expect(await b.get(key)).toBe('1');
  commit.open();
  await change;
  expect(await b.get(key)).toBe('2');
  a.mesh.unlink(b.mesh);
  a.mesh.link(b.mesh);
  await cluster.allCaching();
  await b.get(key);
  const before = cluster.selects;
  await b.get(key);
  expect(cluster.selects).toBe(before);
});

describe('a fill that began before', () => {
  const overtaken = async (fillDiscard: boolean): Promise<string | undefined> => {
    const [a, b] = [cluster.join('a'), cluster.join('b', { rules: { fillDiscard } })];
    put('1');
    await cluster.allCaching();
    const slow = gate();
    cluster.afterSelect = () => slow.pass();
    const fill = b.get(key);
    await until(() => slow.waiting === 1);
    await a.put(key, '2');
    await until(() => { cluster.row('b'); return true; });
    await new Promise((resolve) => setTimeout(resolve, 5));
    slow.open();
    cluster.afterSelect = () => Promise.resolve();
    await fill;
    b.beat();
    return b.get(key);
  };
  test('a prepare is not cached', async () => { expect(await overtaken(true)).toBe('2'); });
  test('is cached when the discarding is taken out', async () => { expect(await overtaken(false)).toBe('1'); });

  test('trap 13: the right was won is not cached', async () => {
    const a = cluster.join('a');
    put('1');
    const slow = gate();
    cluster.afterSelect = () => slow.pass();
    const fill = a.get(key);
    await until(() => slow.waiting === 1);
    await cluster.allCaching();
    put('2');
    slow.open();
    expect(await fill).toBe('1');
    expect(await a.get(key)).toBe('2');
  });
});

test('trap 14: a read that was sent is not joined by a later request', async () => {
  const a = cluster.join('a');
  put('1');
  const slow = gate();
  cluster.afterSelect = () => slow.pass();
  const early = a.get(key);
  await until(() => slow.waiting === 1);
  put('2');
  const [late, later] = [a.get(key), a.get(key)];
  slow.open();
  expect([await early, await late, await later]).toEqual(['1', '2', '2']);
  expect(cluster.selects).toBe(2);
});

describe('the barrier', () => {
  const ignorant = async (barrier: boolean): Promise<string | undefined> => {
    const [a, b] = [cluster.join('a'), cluster.join('b', { rules: { barrier } })];
    put('1');
    await cluster.allCaching();
    await b.get(key);
    await a.put(key, '2');
    return b.get(key);
  };
  test('makes every writer count a new holder', async () => { expect(await ignorant(true)).toBe('2'); });
  test('taken out, writers do not know of it', async () => { expect(await ignorant(false)).toBe('1'); });

  test('tells the new holder of changes under way', async () => {
    const a = cluster.join('a');
    put('1');
    await cluster.allCaching();
    const commit = gate();
    const change = a.coherence.change({ keys: [key] }, async () => {
      await commit.pass();
      put('2');
    });
    await until(() => commit.waiting === 1);
    const b = cluster.join('b');
    await cluster.allCaching();
    expect(await b.get(key)).toBe('1');
    commit.open();
    await change;
    expect(await b.get(key)).toBe('2');
  });

  test('is not passed while a member cannot be reached', async () => {
    const [a, b] = [cluster.join('a'), cluster.join('b')];
    b.mesh.freeze();
    a.beat();
    await until(() => { a.beat(); return cluster.row('a').rightNumber > 0 && !cluster.row('a').caching; });
    expect(a.coherence.mayAnswer()).toBe(false);
  });
});

describe('a starting node', () => {
  test('is acknowledged by caching members, and prepares them from then on', async () => {
    const a = cluster.join('a');
    put('1');
    await cluster.allCaching();
    await a.get(key);
    const b = cluster.join('b', { state: 'starting' });
    await b.coherence.admission(100);
    expect(cluster.revocations).toBe(0);
    await b.put(key, '2');
    expect(await a.get(key)).toBe('2');
  });

  test('revokes who does not acknowledge it, and waits', async () => {
    const a = cluster.join('a');
    put('1');
    await cluster.allCaching();
    await a.get(key);
    a.mesh.freeze();
    const b = cluster.join('b', { state: 'starting' });
    await b.coherence.admission(20);
    expect(cluster.row('a').caching).toBe(false);
    const begun = performance.now();
    await b.put(key, '2');
    expect(performance.now() - begun).toBeGreaterThan(windowMs * 0.9);
    expect(await a.get(key)).toBe('2');
  });
});

test('a hold of unknown outcome stays until it is known', async () => {
  const [a, b] = [cluster.join('a'), cluster.join('b')];
  put('1');
  await cluster.allCaching();
  const failed = a.coherence.change({ keys: [key] }, () => Promise.reject(new BulkheadError('OUTCOME_UNKNOWN')));
  await expect(failed).rejects.toThrow();
  await b.get(key);
  const before = cluster.selects;
  await b.get(key);
  expect(cluster.selects).toBe(before + 1);
  cluster.settled = true;
  await until(() => { b.beat(); void b.get(key); const seen = cluster.selects; void b.get(key); return cluster.selects === seen && b.coherence.cachedEntries > 0; });
});

test('holds of a gone writer end only when its sessions have', async () => {
  const [a, b] = [cluster.join('a'), cluster.join('b')];
  put('1');
  await cluster.allCaching();
  const never = gate();
  void a.coherence.change({ keys: [key] }, never.pass).catch(() => undefined);
  await until(() => never.waiting === 1);
  a.mesh.unlink(b.mesh);
  Object.assign(cluster.row('a'), { gone: true, caching: false, sessions: 1 });
  const asksDatabase = async (): Promise<boolean> => {
    b.beat();
    await b.get(key);
    const before = cluster.selects;
    await b.get(key);
    return cluster.selects > before;
  };
  await until(() => { b.beat(); return b.coherence.mayAnswer(); });
  expect(await asksDatabase()).toBe(true);
  cluster.row('a').sessions = 0;
  b.beat();
  expect(await asksDatabase()).toBe(false);
  never.open();
});

test('a draining member gives its right up first, by its own word', async () => {
  const [a, b] = [cluster.join('a'), cluster.join('b')];
  await cluster.allCaching();
  await b.coherence.giveUpRight();
  expect(cluster.row('b').caching).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 5));
  b.mesh.freeze();
  await a.put(key, '2');
  // nobody waited for it
  expect(cluster.revocations).toBe(0);
});

test('a right that is being given back is not followed by another before it is struck out', async () => {
  const [, b] = [cluster.join('a'), cluster.join('b')];
  await cluster.allCaching();
  const { rightNumber } = cluster.row('b');
  const striking = gate();
  cluster.beforeDrop = () => striking.pass();
  const given = b.coherence.giveUpRight();
  await until(() => striking.waiting === 1);
  for (let beats = 0; beats < 10; beats += 1) {
    b.beat();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(cluster.row('b').rightNumber).toBe(rightNumber);
  striking.open();
  await given;
  await cluster.allCaching();
  expect(cluster.row('b')).toMatchObject({ caching: true, rightNumber: rightNumber + 1 });
});

test('trap 17: clocks that disagree empty the cache', async () => {
  let suspendedMs = 0;
  const clock = { stamp: () => ({ monotonic: performance.now(), wall: Date.now() + suspendedMs }), since: (stamp: { monotonic: number; wall: number }) => (
    Math.abs(Date.now() + suspendedMs - stamp.wall - (performance.now() - stamp.monotonic)) > 250 ? Infinity : performance.now() - stamp.monotonic) };
  const a = cluster.join('a', { clock });
  put('1');
  await cluster.allCaching();
  await a.get(key);
  expect(a.coherence.cachedEntries).toBe(1);
  suspendedMs = 60_000;
  expect(a.coherence.mayAnswer()).toBe(false);
  expect(a.coherence.cachedEntries).toBe(0);
  expect(systemClock.since({ monotonic: performance.now(), wall: Date.now() - 60_000 })).toBe(Infinity);
});

describe('a composed read', () => {
  const other = 'artifact:1/b';
  test('runs again when one of its keys was prepared meanwhile', async () => {
    const [a, b] = [cluster.join('a'), cluster.join('b')];
    put('1');
    cluster.values.set(other, '1');
    await cluster.allCaching();
    let runs = 0;
    const both = await b.coherence.snapshot(async (read) => {
      runs += 1;
      const first = await read(key, () => cluster.select(key));
      if (runs === 1) await a.coherence.change({ keys: [key, other] }, () => {
        put('2');
        cluster.values.set(other, '2');
        return Promise.resolve();
      });
      return [first, await read(other, () => cluster.select(other))];
    });
    expect(both).toEqual(['2', '2']);
    expect(runs).toBeGreaterThan(1);
  });

  test('asks the database for one snapshot when the right is not held', async () => {
    const b = cluster.join('b');
    await b.coherence.snapshot((read) => read(key, () => cluster.select(key)));
    expect(cluster.transactions).toBe(1);
  });
});

test('prefixes hold what is below them', async () => {
  const [a, b] = [cluster.join('a'), cluster.join('b')];
  put('1');
  await cluster.allCaching();
  await b.get(key);
  await a.coherence.change({ keys: [], prefixes: ['artifact:1/'] }, () => { put('2'); return Promise.resolve(); });
  expect(await b.get(key)).toBe('2');
});

test('a commit that fails releases its keys', async () => {
  const [a, b] = [cluster.join('a'), cluster.join('b')];
  put('1');
  await cluster.allCaching();
  await expect(a.coherence.change({ keys: [key] }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await until(() => { b.beat(); void b.get(key); return b.coherence.cachedEntries === 1; });
});
