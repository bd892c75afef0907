import { expect, it } from 'vitest';
import type { LanCluster } from '../../contract/index.ts';
import { target } from './testing/target.ts';
import { requireNodeUrl, targetFor } from './targets.ts';

const settings: LanCluster['settings'] = {
  name: 'art', database: { host: 'db', port: 5432, name: 'bulkhead', user: 'bulkhead', pool: { min: 5, max: 20 }, keepForOthers: 5 }, filestore: '/srv/art', nodePort: 8081, trustedProxies: [],
  serviceUid: 8081, serviceGid: 8081, drainNoticeMs: 3000, drainDeadlineMs: 60_000,
};
const cluster: LanCluster = { clusterId: 'c', settings, nodes: [{ nodeId: 'one', hostId: 'h1', url: 'http://10.0.0.1:8081' }] };

it('calls a new node like its host, and leaves the name of one that is there when the host is renamed', () => {
  expect(targetFor(cluster, { hostId: 'h2', name: 'two', address: '10.0.0.2' }, target.release, '').nodeId).toBe('two');
  expect(targetFor(cluster, { hostId: 'h1', name: 'renamed', address: '10.0.0.9' }, target.release, '')).toMatchObject({ nodeId: 'one', url: 'http://10.0.0.9:8081' });
});

it.each([['10.0.0.2', true], ['fd00::2', true], ['node_2.lan', true], ['fe80::2%eth0', false]])('%s can stand in the address of a node: %s', (address, isRight) => {
  const look = (): void => { requireNodeUrl(targetFor(cluster, { hostId: 'h2', name: 'two', address }, target.release, '')); };
  if (isRight) look();
  else expect(look).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
});

it.each([['10.0.0.2', '0.0.0.0'], ['fd00::2', '::'], ['node-2.lan', '::']])('a node at %s listens on %s: a name may stand for an address of either kind', (address, host) => {
  expect(targetFor(cluster, { hostId: 'h2', name: 'two', address }, target.release, '').listen).toEqual({ host, port: 8081 });
});

it('refuses the name of a node on another host', () => {
  expect(() => targetFor(cluster, { hostId: 'h2', name: 'one', address: '10.0.0.2' }, target.release, '')).toThrow(expect.objectContaining({ code: 'NODE_ID_IN_USE' }));
});
