import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { createApp, nextTick } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ContractClient, Topology } from '../../electron/contract/index.ts';
import { provideClient } from '../connection/client.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { useActions } from './actions.ts';
import { useConnection } from './connection.ts';
import { useTopology } from './topology.ts';

/** A control room in the hands of the test. */
class HeldClient implements ContractClient {
  connection: (connected: boolean) => void = () => undefined;
  picture: (picture: Topology) => void = () => undefined;
  pictureError: (error: Error) => void = () => undefined;
  readonly call: ContractClient['call'] = () => Promise.reject(Object.assign(new Error('no room'), { code: 'CONNECTION_BUDGET_EXHAUSTED', hint: 'lower the pools' }));
  readonly subscribe: ContractClient['subscribe'] = (name, _args, on) => {
    if (name === 'topology.watch') {
      this.picture = on.item as (item: unknown) => void;
      this.pictureError = (error) => on.error?.(error);
    }
    return () => undefined;
  };
  readonly onConnection: ContractClient['onConnection'] = (listener) => {
    this.connection = listener;
    listener(false);
    return () => undefined;
  };
}

let client: HeldClient;
let pinia: Pinia;
beforeEach(() => {
  vi.useFakeTimers();
  client = new HeldClient();
  pinia = createPinia();
  const app = createApp({});
  provideClient(app, client);
  app.use(pinia);
  setActivePinia(pinia);
});
afterEach(() => {
  vi.useRealTimers();
});

it('calls nothing lost before it was there', () => {
  const connection = useConnection();
  expect([connection.lost, connection.blocked]).toEqual([false, 'The control room does not answer']);
  client.connection(true);
  expect([connection.lost, connection.blocked]).toEqual([false, null]);
  client.connection(false);
  expect(connection.lost).toBe(true);
  client.connection(true);
  expect([connection.lost, connection.lostAt]).toEqual([false, null]);
});

it('lets a picture age, and says when it is too old to trust', () => {
  const topology = useTopology();
  client.connection(true);
  client.picture(new FakeCluster('running').topology());
  expect(topology.stale).toBe(false);
  vi.advanceTimersByTime(3_600);
  expect(topology.stale).toBe(true);
  expect(topology.pictureAgeMs).toBeGreaterThanOrEqual(3_000);
  client.picture(new FakeCluster('running').topology());
  vi.advanceTimersByTime(500);
  expect(topology.stale).toBe(false);
  client.connection(false);
  expect(topology.stale).toBe(true);
});

it('shows why a picture cannot be had, and tries again when asked', () => {
  const topology = useTopology();
  client.pictureError(Object.assign(new Error('gone'), { code: 'CLUSTER_NOT_FOUND', hint: '' }));
  expect(topology.failure?.code).toBe('CLUSTER_NOT_FOUND');
  topology.retry();
  expect(topology.failure).toBeNull();
});

it('asks before it acts, and keeps a failure beside its subject', async () => {
  const actions = useActions();
  const run = vi.fn(() => client.call('demo.addNode', {}));
  const action = { id: 'x', subject: 'node:a', label: 'Kill', explanation: '', progress: 'Killing', tone: 'danger' as const, blocked: null, question: { title: '?', does: [], breaks: [], confirm: 'Kill' }, run };
  actions.start(action);
  expect([actions.confirmOpen, run.mock.calls.length]).toEqual([true, 0]);
  actions.answer(false);
  expect(run).not.toHaveBeenCalled();
  actions.start(action);
  actions.answer(true);
  expect(actions.running.get('node:a')?.label).toBe('Killing');
  // no further: clocks of what other tests have left would go on as well
  await vi.advanceTimersByTimeAsync(0);
  await nextTick();
  expect(actions.running.size).toBe(0);
  expect(actions.failures.get('node:a')).toMatchObject({ code: 'CONNECTION_BUDGET_EXHAUSTED', label: 'Kill' });
  actions.start({ ...action, blocked: 'no' });
  expect(run).toHaveBeenCalledTimes(1);
});
