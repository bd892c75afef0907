import { expect, it } from 'vitest';
import type { HostSummary } from '../../contract/index.ts';
import { freeHostName, hostOfNode } from './host-of-node.ts';

const host = (hostId: string, name: string, address: string): Omit<HostSummary, 'node'> => ({
  hostId, name, address, port: 22, user: 'ops', auth: 'agent', signIn: [], jump: [], hostKeyAlias: null, hasSudoPassword: false,
});
const hosts = [host('a', 'one', '10.0.0.1'), host('b', 'two', '192.168.0.2'), host('c', 'three', '10.0.0.3')];
const find = (nodeId: string, address: string, carries: Readonly<Record<string, string>> = {}, clusterId: string | null = 'art'): string | undefined =>
  hostOfNode(hosts, (hostId) => (carries[hostId] === undefined ? null : { clusterId: carries[hostId] }), { nodeId, address, clusterId })?.hostId;

it('finds the host of a node by its address, and by its name where it is reached at another one', () => {
  expect([find('one', '10.0.0.1'), find('other', '10.0.0.1'), find('two', '10.0.0.2'), find('four', '10.0.0.4')]).toEqual(['a', 'a', 'b', undefined]);
  expect([find('two', '10.0.0.2', { b: 'art' }), find('two', '10.0.0.2', {}, null)]).toEqual(['b', 'b']);
});

it('takes no host that carries a node of another cluster, whatever its name or its address', () => {
  expect([find('two', '10.0.0.2', { b: 'other' }), find('two', '10.0.0.2', { b: 'other' }, null), find('one', '10.0.0.1', { a: 'other' })]).toEqual([undefined, undefined, undefined]);
});

it('gives the host of such a node a name that is free', () => {
  expect([freeHostName(hosts, 'four', 'art'), freeHostName(hosts, 'one', 'art'), freeHostName([...hosts, { name: 'one-art' }], 'one', 'art')]).toEqual(['four', 'one-art', 'one-art-2']);
  const long = 'n'.repeat(63);
  expect(freeHostName([{ name: long }], long, 'art')).toMatch(/^n{61}-2$/);
});
