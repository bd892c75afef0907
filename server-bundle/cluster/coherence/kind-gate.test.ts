import { afterEach, expect, test } from 'vitest';
import { MemoryCluster, until, type MemoryMember } from './in-memory-members.ts';

/** A kind of cached answer that a member of an earlier version changes without preparing it. */
const kinds = ['novel'];
const key = 'novel:document';
let cluster: MemoryCluster;
afterEach(() => { cluster.end(); });

/** Whether the member answers it from memory, once it had every reason to keep it. */
async function caches(member: MemoryMember, of = key): Promise<boolean> {
  await member.get(of);
  const before = cluster.selects;
  await member.get(of);
  return cluster.selects === before;
}

function begin(): [MemoryMember, MemoryMember] {
  cluster = new MemoryCluster();
  cluster.values.set(key, 'first');
  cluster.values.set('artifact:1/b', 'b');
  return [cluster.join('a', { kinds }), cluster.join('b', { kinds })];
}

/** What an earlier version does: it changes the value, and prepares what it knows of. */
const changeAsBefore = (earlier: MemoryMember, value: string): Promise<void> => earlier.coherence.change({ keys: ['artifact:1/a'] }, () => {
  cluster.values.set(key, value);
  return Promise.resolve();
});

test('trap 18: a kind that one member does not know is answered from the database, other kinds from memory', async () => {
  const [a, b] = begin();
  const earlier = cluster.join('earlier');
  await cluster.allCaching();
  expect(await a.get(key)).toBe('first');
  await changeAsBefore(earlier, 'second');
  expect([await a.get(key), await b.get(key)]).toEqual(['second', 'second']);
  expect([await caches(a), await caches(a, 'artifact:1/b')]).toEqual([false, true]);
});

test('trap 18: it is switched on once all members know it, and prepared from then on', async () => {
  const [a, b] = begin();
  await cluster.allCaching();
  expect([await caches(a), await caches(b)]).toEqual([true, true]);
  await b.put(key, 'second');
  expect(await a.get(key)).toBe('second');
});

test('trap 18: a member of an earlier version that joins finds it switched off before it is admitted', async () => {
  const [a] = begin();
  await cluster.allCaching();
  expect(await caches(a)).toBe(true);
  const earlier = cluster.join('earlier', { state: 'starting' });
  await earlier.coherence.admission(1000);
  // no heartbeat has told of it yet
  await changeAsBefore(earlier, 'second');
  expect(await a.get(key)).toBe('second');
  expect(await caches(a)).toBe(false);
});

test('trap 18: a read under way when an earlier version joins is not kept', async () => {
  const [a] = begin();
  await cluster.allCaching();
  cluster.afterSelect = () => {
    cluster.afterSelect = () => Promise.resolve();
    cluster.join('earlier', { state: 'starting' });
    return Promise.resolve();
  };
  await a.get(key);
  expect(await caches(a)).toBe(false);
});

test('trap 18: an earlier version that is gone counts until its sessions have been ended', async () => {
  const [a] = begin();
  const earlier = cluster.join('earlier');
  await cluster.allCaching();
  a.mesh.unlink(earlier.mesh);
  Object.assign(cluster.row('earlier'), { gone: true, sessions: 1 });
  await until(() => {
    a.beat();
    return a.coherence.mayAnswer();
  });
  expect(await caches(a)).toBe(false);
  cluster.row('earlier').sessions = 0;
  a.beat();
  expect(await caches(a)).toBe(true);
});
