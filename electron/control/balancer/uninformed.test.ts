import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lanSettings, type LanCluster } from '../../contract/index.ts';
import { insertRunRow, openState, type State } from '../state/index.ts';
import { uninformedNodes } from './uninformed.ts';

let folder: string;
let state: State;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-uninformed-'));
  state = openState(folder);
});
afterEach(() => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
});

const settings = lanSettings.parse({ name: 'art', filestore: '/srv/art', database: { host: 'db' }, baseUrl: 'http://front:8080', trustedProxies: ['10.0.4.10'] });
const cluster: LanCluster = { clusterId: 'c', settings, nodes: ['a', 'b', 'c'].map((nodeId) => ({ nodeId, hostId: `h-${nodeId}`, url: `http://${nodeId}:8081` })) };

function ran(id: string, nodeId: string, startedAt: number, target: object, ended: 'done' | 'failed' = 'done'): void {
  insertRunRow(state, { id, kind: 'provision', clusterId: 'c', hostId: `h-${nodeId}`, nodeId, target: JSON.stringify(target), state: ended, failure: null, startedAt, endedAt: startedAt + 1, heartbeatAt: startedAt }, []);
}

it('names the nodes whose latest provisioning knew another address or other proxies, and not those of which nothing is known', () => {
  const told = { baseUrl: 'http://front:8080', trustedProxies: ['10.0.4.10'] };
  const before = { baseUrl: 'http://a:8081', trustedProxies: [] };
  const found = (): unknown => uninformedNodes(state, cluster, new Map(), (id) => id.slice(2));
  ran('1', 'a', 1, before);
  ran('2', 'b', 1, before);
  ran('3', 'b', 2, told);
  expect(found()).toEqual([{ nodeId: 'a', hostId: 'h-a', host: 'a', baseUrl: 'http://a:8081', untrusted: ['10.0.4.10'], stale: [] }]);
  ran('4', 'a', 3, told, 'failed');
  expect(found()).toHaveLength(1);
  ran('5', 'a', 4, { ...told, trustedProxies: ['10.0.4.9'] });
  expect(found()).toMatchObject([{ nodeId: 'a', baseUrl: 'http://front:8080', untrusted: ['10.0.4.10'], stale: ['10.0.4.9'] }]);
  ran('6', 'a', 5, told);
  expect(found()).toEqual([]);
});

it('believes the node rather than what this desktop gave it: another one may have told it something else since', () => {
  const told = { baseUrl: 'http://front:8080', trustedProxies: ['10.0.4.10'] };
  ran('1', 'a', 1, told);
  const heard = new Map([['a', { baseUrl: 'http://old:8080', trustedProxies: ['10.0.4.10'] }], ['c', { baseUrl: told.baseUrl, trustedProxies: ['10.0.4.10', '10.0.4.12'] }]]);
  expect(uninformedNodes(state, cluster, heard, (id) => id)).toMatchObject([{ nodeId: 'a', baseUrl: 'http://old:8080' }, { nodeId: 'c', stale: ['10.0.4.12'] }]);
});
