import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AlertPicture } from '../../electron/contract/index.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { WebhookReceiver } from '../harness/webhook-receiver.ts';
import { openRoom, type OpenRoom } from './demo-control-room.ts';

const inDemo = { clusterId: 'demo' } as const;
let folder: TemporaryFolder;
let room: OpenRoom;
let picture: AlertPicture | null = null;

beforeAll(async () => {
  folder = await temporaryFolder('alerts-desk');
  room = await openRoom(folder.path);
  await room.client.call('demo.start', { nodes: 2, port: 0, dataDir: `${folder.path}/demo` });
  room.client.subscribe('alerts.watch', {}, { item: (item) => { picture = item; } });
  for (const rule of await room.client.call('alerts.rules', inDemo)) {
    await room.client.call('alerts.setRule', { ...inDemo, rule: rule.rule, enabled: ['node-down', 'no-redundancy'].includes(rule.rule), raiseAfterSeconds: 1, clearAfterSeconds: 1 });
  }
});
afterAll(async () => {
  await room.client.call('demo.reset', {}).catch(() => undefined);
  await room[Symbol.asyncDispose]();
  await folder.remove();
});

async function until(what: string, accept: (seen: AlertPicture) => boolean): Promise<AlertPicture> {
  return waitFor(what, () => picture !== null && accept(picture) && picture)
    .catch((error: unknown) => { throw new Error(`${String(error)}: ${JSON.stringify(picture)}`, { cause: error }); });
}

test('an alert of the cluster is seen, taken over, muted, and goes; the journal knows', async () => {
  await until('the cluster to be heard', ({ clusters }) => clusters[0]?.freshness === 'live' && clusters[0].evaluatedAt !== null);
  const master = (await room.until('a master', (topology) => topology.master !== null)).master!.nodeId;
  const victim = room.picture()!.nodes.find(({ nodeId }) => nodeId !== master)!.nodeId;
  await room.client.call('demo.node', { nodeId: victim, action: 'kill' });
  const seen = await until('the alert', ({ alerts }) => alerts.some(({ rule, source, nodeId }) => rule === 'node-down' && source === 'cluster' && nodeId === victim));
  const alert = seen.alerts.find(({ rule, nodeId }) => rule === 'node-down' && nodeId === victim)!;
  expect(alert).toMatchObject({ clusterId: 'demo', clusterName: 'Demo cluster', nodeId: victim, severity: 'bad', hostId: null });
  expect(seen.counts.bad).toBeGreaterThan(0);
  expect(await room.client.call('alerts.acknowledge', { ...inDemo, alertId: alert.id, note: 'mine' })).toMatchObject({ acknowledged: { by: 'admin', note: 'mine' } });
  await until('it to be taken', ({ alerts }) => alerts.some(({ id, acknowledged }) => id === alert.id && acknowledged?.note === 'mine'));
  const mute = await room.client.call('alerts.mute', { ...inDemo, subject: victim, seconds: 600, reason: 'test' });
  await until('it to be muted', ({ alerts, counts }) => counts.muted >= 1 && alerts.some(({ id, mutedUntil }) => id === alert.id && mutedUntil === mute.until));
  expect(await room.client.call('alerts.mutes', inDemo)).toMatchObject([{ id: mute.id }]);
  await room.client.call('alerts.unmute', { ...inDemo, muteId: mute.id });
  await room.client.call('demo.node', { nodeId: victim, action: 'start' });
  await until('it to be over', ({ alerts }) => alerts.length === 0);
  expect((await room.client.call('alerts.history', { ...inDemo, rule: 'node-down' })).alerts.filter(({ nodeId }) => nodeId === victim)).toMatchObject([{ id: alert.id }]);
  const types = await waitFor('the journal', async () => {
    const found = (await room.journal()).filter(({ type, nodeId, source }) => type.startsWith('alert.') && source === 'cluster' && nodeId === victim).map(({ type, severity }) => `${type} ${severity}`);
    return found.includes('alert.cleared info') && found;
  });
  expect(types.sort()).toEqual(['alert.acknowledged info', 'alert.cleared info', 'alert.raised bad']);
});

test('a database that is gone is seen from here, because no node can tell it', async () => {
  await room.client.call('demo.database', { action: 'kill' });
  const seen = await until('the database', ({ alerts }) => alerts.some(({ rule, source }) => rule === 'database-unreachable' && source === 'app'));
  const alert = seen.alerts.find(({ rule }) => rule === 'database-unreachable')!;
  expect(alert.severity).toBe('bad');
  expect(await room.client.call('alerts.acknowledge', { ...inDemo, alertId: alert.id })).toMatchObject({ source: 'app', acknowledged: { by: 'cli' } });
  expect((await until('a cluster that says nothing', ({ clusters }) => clusters[0]?.freshness !== 'live')).clusters[0]?.problem).not.toBeNull();
  const mute = await room.client.call('alerts.mute', { ...inDemo, rule: 'database-unreachable', seconds: 600, reason: 'it is being moved' });
  expect(mute).toMatchObject({ id: expect.stringMatching(/^app\//) as string, by: 'cli', reason: 'it is being moved' });
  await until('it to be muted here', ({ alerts, counts }) => counts.muted >= 1 && alerts.some(({ id, mutedUntil }) => id === alert.id && mutedUntil === mute.until));
  expect(await room.client.call('alerts.mutes', inDemo)).toMatchObject([{ id: mute.id }]);
  expect((await room.journal()).find(({ type, message }) => type === 'alerts.mute' && message.includes('in this app only'))).toBeDefined();
  await room.client.call('demo.database', { action: 'start' });
  await until('it to be over', ({ alerts, clusters }) => clusters[0]?.freshness === 'live' && alerts.every(({ source }) => source === 'cluster'));
  expect(await room.client.call('alerts.mutes', inDemo)).toMatchObject([{ id: mute.id }]);
  await room.client.call('alerts.unmute', { ...inDemo, muteId: mute.id });
  expect(await room.client.call('alerts.mutes', inDemo)).toEqual([]);
  await expect(room.client.call('alerts.unmute', { ...inDemo, muteId: mute.id })).rejects.toMatchObject({ code: 'ALERT_MUTE_NOT_FOUND' });
});

test('webhooks are kept without their secret, and tested', async () => {
  await using receiver = await WebhookReceiver.start();
  const made = await room.client.call('alerts.putWebhook', { ...inDemo, name: 'pager', url: receiver.url, secret: 'a secret of twenty bytes' });
  expect(JSON.stringify([made, await room.client.call('alerts.webhooks', inDemo), await room.journal()])).not.toContain('secret of twenty');
  expect(await room.client.call('alerts.testWebhook', { ...inDemo, webhookId: made.id })).toMatchObject({ delivered: true, status: 204 });
  expect(receiver.received[0]?.headers['x-bulkhead-event']).toBe('test');
  expect(await room.client.call('alerts.deliveries', { ...inDemo, webhookId: made.id })).toEqual([]);
  await room.client.call('alerts.removeWebhook', { ...inDemo, webhookId: made.id });
  expect(await room.client.call('alerts.webhooks', inDemo)).toEqual([]);
});
