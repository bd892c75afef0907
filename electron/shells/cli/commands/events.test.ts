import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Handlers, Topology } from '../../../contract/index.ts';
import { runBulkhead } from '../../testing/run-bulkhead.ts';
import { exitCodes } from '../exit-codes.ts';

const off: Topology = {
  clusterId: 'c', name: 'art', kind: 'lan', at: 0, lifecycle: 'off', failure: null, freshness: 'unknown', balancer: null, nodes: [],
  master: null, masterlessMs: null, database: null, databaseState: 'unknown', filestore: null, collectionLocked: null, lastHeard: null,
};

/** A cluster of which a picture comes again and again, and no event. */
const quietCluster = (picture: Partial<Topology>): Partial<Handlers> => ({
  'journal.list': () => Promise.resolve({ entries: [], more: false }),
  'journal.watch': async function* nothing(_args, { signal }) {
    await delay(60_000, undefined, { signal }).catch(() => undefined);
    yield* [];
  },
  'topology.watch': async function* pictures(_args, { signal }) {
    for (let count = 0; !signal.aborted; count += 1) {
      yield { ...off, at: count, ...picture };
      await delay(100, undefined, { signal }).catch(() => undefined);
    }
  },
});

it.each([['that serves', { lifecycle: 'running', freshness: 'live' }], ['without nodes', {}]] as const)('comes to its end with a cluster %s, whatever goes on being shown of it', async (_what, picture) => {
  const startedAt = performance.now();
  expect((await runBulkhead(['events', '--cluster', 'art'], quietCluster(picture))).code).toBe(exitCodes.ok);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

it.each([['events'], ['status'], ['node', 'show', 'one'], ['logs', 'one']])('ends when it is interrupted while it waits: %s %s', async (...argv) => {
  const waiting = quietCluster({ lifecycle: 'running' });
  const silent: Partial<Handlers> = { ...waiting, 'nodes.details': waiting['journal.watch'] as never, 'node.log': waiting['journal.watch'] as never };
  const interrupt = new AbortController();
  const ended = runBulkhead([...argv, '--cluster', 'art'], silent, interrupt.signal);
  await delay(100);
  interrupt.abort();
  expect((await ended).code).toBe(exitCodes.interrupted);
});
