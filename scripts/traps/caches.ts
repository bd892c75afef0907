import type { Trap } from './trap.ts';

const coherence = 'server-bundle/cluster/coherence/coherence.test.ts';
const followers = 'server-bundle/cluster/coherence/followers.test.ts';
const gate = 'server-bundle/cluster/coherence/kind-gate.test.ts';
const code = 'server-bundle/cluster/coherence';

/** What can go wrong with answers that are kept in memory. */
export const caches: readonly Trap[] = [
  {
    number: 11,
    happens: 'A second writer meets the member whose right the first one revoked, finds nobody to ask, and commits while that member still answers',
    rule: 'Each writer waits a full window of its own, counted from when it first saw that the right is gone',
    tests: [{ file: coherence, name: 'trap 11: the second writer waits a full window of its own for a member that the first one revoked' }],
    removal: [{ file: `${code}/caching-members.ts`, find: 'if (lost) member.lostAt = now;', replace: 'if (lost) this.forget(member);' },
      { file: `${code}/change-preparation.ts`, find: 'await this.#outlast(member, member.lostAt);', replace: 'this.#members.forget(member);' }],
  },
  {
    number: 12,
    happens: 'The link breaks after the acknowledgement: the member forgets the hold with its cache, and reads the old value again',
    rule: 'Holds outlive links and caches; only their writer ends them, or its proven end',
    tests: [{ file: coherence, name: 'trap 12: a hold outlives the link and the cache, and ends by the resync' }],
    removal: [{ file: `${code}/coherence.ts`, find: '    this.#preparation.unlinked(peer.incarnation);', replace: '    this.#preparation.unlinked(peer.incarnation);\n    this.holds.dropWriter(peer.incarnation);' },
      { file: `${code}/coherence.ts`, find: "{ t: 'holds', holds: this.#active() }", replace: "{ t: 'holds', holds: [] }" },
      { file: `${code}/coherence.ts`, find: "right: message.right, holds: this.#active() }", replace: "right: message.right, holds: [] }" }],
  },
  {
    number: 13,
    happens: 'A read from the database began before the right was won, or before a change was prepared, and is kept afterwards',
    rule: 'Only what was asked for under the present right, and not discarded meanwhile, is kept',
    tests: [{ file: coherence, name: 'a fill that began before' }],
    removal: [{ file: `${code}/read-cache.ts`, find: 'const sameRight = !this.#rules.fillDiscard || this.#right.generation === generation;', replace: 'const sameRight = true; void generation;' },
      { file: `${code}/read-cache.ts`, find: 'for (const fill of fills ?? []) fill.discarded = true;', replace: 'void fills;' }],
  },
  {
    number: 14,
    happens: 'A request joins a database read that was sent before a commit which had been acknowledged when the request came',
    rule: 'Only a read that has not been sent yet is joined',
    tests: [{ file: coherence, name: 'trap 14: a read that was sent is not joined by a later request' }],
    removal: [{ file: `${code}/read-cache.ts`, find: 'slot.next ??= slot.running.then(', replace: 'if (key !== \'\') return slot.running as Promise<T | undefined>;\n    slot.next ??= slot.running.then(' }],
  },
  {
    number: 15,
    happens: 'An answer is put together from several keys, one read before a change and one after it',
    rule: 'It is done again when one of its keys was prepared meanwhile, at last in one snapshot of the database',
    tests: [{ file: coherence, name: 'a composed read runs again when one of its keys was prepared meanwhile' }],
    removal: [{ file: `${code}/cache-reader.ts`, find: 'const whole = !reading.disturbed && ', replace: 'const whole = ' }],
  },
  {
    number: 16,
    happens: 'A node acknowledges a change of which one of its worker processes has not heard',
    rule: 'It acknowledges when each of its workers has; one that begins gets the active holds before its first read; one that stands still is killed first',
    tests: [{ file: followers, name: 'a change by another member reaches every worker before it commits' }],
    removal: [{ file: `${code}/coherence.ts`, find: 'return this.#options.rules.workers ? this.#followers.settled() : Promise.resolve();', replace: 'return Promise.resolve();' }],
  },
  {
    number: 16,
    happens: '… or a worker begins in the middle of a change',
    rule: 'A worker is told of every active hold before its first read',
    tests: [{ file: followers, name: 'a worker that begins while a key is being changed knows of it before its first fill' }],
    removal: [{ file: `${code}/coherence.ts`, find: "      ...this.holds.writers().flatMap(({ writer }) => this.holds.of(writer).map((hold): ReaderNews => ({ t: 'hold', writer, hold }))),\n", replace: '' }],
  },
  {
    number: 17,
    happens: 'The machine was suspended: its monotonic clock stood still, and a window that ended long ago seems open',
    rule: 'The wall clock is held against the monotonic one; when they disagree, nothing is answered from memory and the cache is emptied',
    tests: [{ file: coherence, name: 'trap 17: clocks that disagree empty the cache' }],
    removal: [{ file: 'server-bundle/cluster/clock.ts', find: 'return Math.abs(wall - monotonic) > jumpMs ? Infinity : monotonic;', replace: 'return Number.isNaN(wall) ? jumpMs : monotonic;' }],
  },
  {
    number: 18,
    happens: 'A rolling upgrade brings a kind of cached answer that writers of the earlier version do not prepare',
    rule: 'It is kept in memory only while every member says that it knows the kind',
    tests: [{ file: gate, name: 'trap 18: a kind that one member does not know is answered from the database, other kinds from memory' },
      { file: gate, name: 'trap 18: a member of an earlier version that joins finds it switched off before it is admitted' }],
    removal: [{ file: `${code}/kind-gate.ts`, find: 'if (this.#writers === null) return false;', replace: 'if (this.#writers === null || feature !== \'\') return true;' }],
  },
  {
    number: 19,
    happens: 'A node that leaves answers from its cache after others have stopped to count it',
    rule: 'It stops to cache first, by its own word and in the database, and leaves afterwards',
    tests: [{ file: coherence, name: 'a draining member gives its right up first, by its own word' }],
    removal: [{ file: `${code}/coherence.ts`, find: 'await this.#acquisition.giveBack();', replace: 'await Promise.resolve();' }],
  },
];
