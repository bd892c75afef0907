import { expect, it, vi } from 'vitest';
import type { Topology } from '../../electron/contract/index.ts';
import { FakeCluster, lanIdentity } from '../testing/fake-cluster.ts';
import type { Action } from './action.ts';
import { lanNodeActions } from './lan-node-actions.ts';

const quiet = { blocked: null, resting: false, ask: () => undefined };
const actionsOf = (picture: Topology, nodeId: string, options = quiet): Action[] => {
  const node = picture.nodes.find((known) => known.nodeId === nodeId);
  return node === undefined ? [] : lanNodeActions(node, picture, options);
};
const labels = (actions: Action[]): string[] => actions.map(({ label }) => label);
const find = (actions: Action[], label: string): Action | undefined => actions.find((action) => action.label === label);

it('offers to forget only what does not serve, and only where its host is gone', () => {
  const picture = new FakeCluster('lan-trouble', lanIdentity).topology();
  expect(labels(actionsOf(picture, 'art-1'))).toEqual(['Drain', 'Hand over here', 'Maintenance…', 'Restart', 'Remove']);
  expect(find(actionsOf(picture, 'art-3'), 'Forget')?.blocked).toBeNull();
  expect(find(actionsOf(picture, 'art-3'), 'Remove')?.blocked).toBe('Its host does not answer');
  expect(find(actionsOf(picture, 'art-4'), 'Forget')?.blocked).toBe('art-4 answers: remove the node instead');
});

it('has the name typed before something is gone for good', () => {
  const picture = new FakeCluster('running', lanIdentity).topology();
  expect(find(actionsOf(picture, 'art-2'), 'Remove')?.question?.typed).toBe('art-2');
  expect(find(actionsOf(picture, 'art-2'), 'Restart')?.question?.typed).toBeUndefined();
});

it('refuses to take away the only node that serves', () => {
  const cluster = new FakeCluster('running', lanIdentity);
  cluster.drain('art-2');
  cluster.drain('art-3');
  for (const label of ['Restart', 'Maintenance…']) expect(find(actionsOf(cluster.topology(), 'art-1'), label)?.blocked).toMatch(/No other node serves/);
});

it('asks until when, and ends a maintenance instead while there is one', async () => {
  const picture = new FakeCluster('running', lanIdentity).topology();
  const ask = vi.fn();
  await find(actionsOf(picture, 'art-1', { ...quiet, ask }), 'Maintenance…')?.run({ call: () => Promise.reject(new Error('no call')) } as never, new AbortController().signal);
  expect(ask).toHaveBeenCalledWith(expect.objectContaining({ clusterId: 'berlin', nodeId: 'art-1' }));
  const resting = labels(actionsOf(picture, 'art-1', { ...quiet, resting: true }));
  expect(resting).toContain('End maintenance');
  expect(resting).not.toContain('Drain');
});
