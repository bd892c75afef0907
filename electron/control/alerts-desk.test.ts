import { Agent } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../test/harness/temporary-folder.ts';
import type { CallContext } from '../contract/index.ts';
import { AlertsDesk, type AlertsDeskParts } from './alerts-desk.ts';
import { Fleet, LanClusters } from './fleet/index.ts';
import { Journal } from './journal/index.ts';
import { createFileBox, SecretStore } from './secrets/index.ts';
import { openState, type State } from './state/index.ts';

let folder: TemporaryFolder;
let state: State;
let asked: number;
let handlers: AlertsDesk['handlers'];
const context: CallContext = { signal: new AbortController().signal, caller: 'test' };
beforeEach(async () => {
  folder = await temporaryFolder('alerts-desk');
  state = openState(folder.path);
  asked = 0;
  const nodes = (): Promise<[]> => { asked += 1; return Promise.resolve([]); };
  const watch = { access: { clusterId: 'c', name: 'art', kind: 'lan', nodes, credentials: () => Promise.resolve(null) }, topology: { value: { clusterId: 'c', master: null } } };
  handlers = new AlertsDesk({
    state, watches: () => ({ of: () => watch }) as unknown as ReturnType<AlertsDeskParts['watches']>, journal: new Journal(state), agent: new Agent(), eager: false,
    clusters: new LanClusters(state, new Fleet(state), new SecretStore(state, createFileBox(folder.path))),
  }).handlers;
});
afterEach(async () => {
  state.close();
  await folder.remove();
});

it.each(['host-unreachable', 'cluster-unreachable', 'database-unreachable'])('mutes here what no cluster knows, whether it answers or not: %s', async (rule) => {
  const mute = await handlers['alerts.mute']({ clusterId: 'art', rule, subject: null, seconds: 60, reason: 'a new cable' }, context);
  expect([mute.id, mute.rule, asked]).toEqual([expect.stringMatching(/^app\//) as string, rule, 0]);
  expect(await handlers['alerts.mutes']({ clusterId: 'art' }, context)).toMatchObject([{ id: mute.id, reason: 'a new cable' }]);
});

it('asks the cluster to mute what it knows, and keeps that here only while it does not answer', async () => {
  const mute = await handlers['alerts.mute']({ clusterId: 'art', rule: 'node-down', subject: null, seconds: 60, reason: '' }, context);
  expect([mute.id, asked]).toEqual([expect.stringMatching(/^app\//) as string, 1]);
  await handlers['alerts.unmute']({ clusterId: 'art', muteId: mute.id }, context);
  await expect(handlers['alerts.mutes']({ clusterId: 'art' }, context)).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
});
