import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lanSettings } from '../../contract/index.ts';
import { createFileBox, SecretStore } from '../secrets/index.ts';
import { openState, type State } from '../state/index.ts';
import { Fleet } from './fleet.ts';
import { LanClusters } from './lan-clusters.ts';

let folder: string;
let state: State;
let clusters: LanClusters;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-clusters-'));
  state = openState(folder);
  clusters = new LanClusters(state, new Fleet(state), new SecretStore(state, createFileBox(folder)));
});
afterEach(() => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
});

async function make(given: { baseUrl?: string } = {}): Promise<string> {
  const { clusterId } = await clusters.create({ ...lanSettings.parse({ name: 'art', filestore: '/srv/art', database: { host: 'db' }, trustedProxies: ['10.0.0.1'], ...given }) });
  clusters.addNode(clusterId, { nodeId: 'one', hostId: 'h-one', url: 'http://one:8081' });
  clusters.fixBaseUrl(clusterId, 'http://one:8081');
  return clusterId;
}
const told = (id: string): unknown => {
  const { baseUrl, trustedProxies } = clusters.get(id).settings;
  return [baseUrl, trustedProxies];
};

it('takes the address of a balancer that comes, follows it to another port, and gives it up when it goes', async () => {
  const id = await make();
  clusters.joinBalancer(id, ['10.0.4.9'], 'http://lb', null);
  expect(told(id)).toEqual(['http://lb', ['10.0.0.1', '10.0.4.9']]);
  clusters.joinBalancer(id, ['10.0.4.9'], 'http://lb:8080', 'http://lb');
  expect(told(id)).toEqual(['http://lb:8080', ['10.0.0.1', '10.0.4.9']]);
  clusters.leaveBalancer(id, ['10.0.4.9'], 'http://lb:8080', null);
  expect(told(id)).toEqual(['http://one:8081', ['10.0.0.1']]);
});

it('goes to the address of another balancer that stays, and leaves one alone that was given by hand', async () => {
  const id = await make();
  clusters.joinBalancer(id, ['10.0.4.9'], 'http://lb', null);
  clusters.joinBalancer(id, ['10.0.4.10'], 'http://lb-2', null);
  clusters.leaveBalancer(id, ['10.0.4.9'], 'http://lb', 'http://lb-2');
  expect(told(id)).toEqual(['http://lb-2', ['10.0.0.1', '10.0.4.10']]);
  clusters.forget(emptied(id));

  const byHand = await make({ baseUrl: 'https://art.lan' });
  clusters.joinBalancer(byHand, ['10.0.4.9'], 'http://lb', null);
  clusters.leaveBalancer(byHand, ['10.0.4.9'], 'http://lb', null);
  expect(told(byHand)).toEqual(['https://art.lan', ['10.0.0.1']]);
});

function emptied(id: string): string {
  clusters.removeNode(id, 'one');
  return id;
}
