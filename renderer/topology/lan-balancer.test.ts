import { expect, it } from 'vitest';
import type { Balancer, ResultOf } from '../../electron/contract/index.ts';
import { FakeCluster, lanIdentity } from '../testing/fake-cluster.ts';
import { backendsOf, fakeOptions, limitsOf } from '../testing/fakes/balancer-records.ts';
import { lanBalancer } from './lan-balancer.ts';

const cluster = new FakeCluster('running', lanIdentity);
const { nodes } = cluster.topology();
const balancer: Balancer = { balancerId: 'b', clusterId: 'berlin', hostId: 'lb', host: 'lb-1', product: 'haproxy', options: fakeOptions, url: 'https://art.lan', appliedAt: 1, appliedBackends: backendsOf(cluster), outdated: false, limits: limitsOf('haproxy') };
const status: ResultOf<'balancers.status'> = { balancerId: 'b', clusterId: 'berlin', host: 'lb-1', product: 'haproxy', at: 1, state: 'in-step', reason: '', version: '2.6', running: true, appliedAt: 1, backends: [], canUndo: true };

it('is known to serve only when its host has said so', () => {
  expect(lanBalancer(balancer, null, nodes).state).toBe('unknown');
  expect(lanBalancer(balancer, status, nodes).state).toBe('serving');
  expect(lanBalancer(balancer, { ...status, running: false }, nodes).state).toBe('stopped');
  const unseen = lanBalancer(balancer, { ...status, state: 'unreachable', running: null }, nodes);
  expect([unseen.state, unseen.freshness, ...new Set(unseen.backends.map(({ health, requestsPerSecond }) => `${health} ${requestsPerSecond}`))]).toEqual(['unknown', 'unknown', 'unknown 0']);
});

it('sends to the nodes in its file what those say they get', () => {
  const shown = lanBalancer(balancer, { ...status, backends: [{ nodeId: 'art-1', url: '', onHost: 'serving', wanted: 'serving' }, { nodeId: 'art-2', url: '', onHost: 'draining', wanted: 'serving' }, { nodeId: 'art-3', url: '', onHost: null, wanted: 'serving' }] }, nodes);
  expect(shown.backends.map(({ nodeId, health }) => [nodeId, health])).toEqual([['art-1', 'up'], ['art-2', 'draining']]);
  expect(shown.backends[0]?.requestsPerSecond).toBe(nodes[0]?.reported?.rates?.requestsPerSecond);
});
