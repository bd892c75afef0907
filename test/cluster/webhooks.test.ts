import { createHmac, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { webhook, webhookDeliveries, webhookMessage, webhooks, webhookTest, type Webhook, type WebhookDelivery, type WebhookMessage } from '../../server-bundle/contract/index.ts';
import { startCluster, type TestCluster, type TestNode } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { WebhookReceiver, type Received } from '../harness/webhook-receiver.ts';

const base = '/api/v1/cluster/alerts';
const secret = 'a secret that only both ends know';
let cluster: TestCluster;
let receiver: WebhookReceiver;
/** does not answer at present */
let frozen: TestNode | undefined;

beforeAll(async () => {
  cluster = await startCluster({ balancer: false, config: { alerts: { evaluateMs: 100, allowAddresses: ['127.0.0.0/8'] } } });
  const { rules } = (await ask('GET', '/rules')).body as { rules: { rule: string }[] };
  // only what the tests raise themselves
  for (const { rule } of rules) await ask('PUT', `/rules/${rule}`, { enabled: rule === 'budget', raiseAfterSeconds: 0, clearAfterSeconds: 0 });
});
afterAll(() => cluster.stop());
beforeEach(async () => { receiver = await WebhookReceiver.start(); });
afterEach(async () => {
  await receiver[Symbol.asyncDispose]();
  for (const { id } of await list()) await ask('DELETE', `/webhooks/${id}`);
  await calm();
  await Promise.all(cluster.nodes.filter(({ pid }) => pid === undefined).map((node) => node.start()));
  await cluster.untilServing();
});

async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const { client } = cluster.nodes.find((node) => node.pid !== undefined && node !== frozen)!;
  const answer = await client.request(`${base}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
  return { status: answer.status, body: answer.body.length === 0 ? null : answer.json() };
}

const list = async (): Promise<Webhook[]> => webhooks.parse((await ask('GET', '/webhooks')).body).webhooks;
const deliveries = async (webhookId: string): Promise<WebhookDelivery[]> => webhookDeliveries.parse((await ask('GET', `/deliveries?webhookId=${webhookId}`)).body).deliveries;

async function add(change: object = {}): Promise<Webhook> {
  const answer = await ask('POST', '/webhooks', { name: 'pager', url: receiver.url, secret, ...change });
  expect(answer.status).toBe(201);
  return webhook.parse(answer.body);
}

const openAlerts = async (): Promise<unknown[]> => ((await ask('GET', '')).body as { alerts: unknown[] }).alerts;

/** Raises the budget's alert. */
async function alarm(): Promise<void> {
  await ask('PUT', '/rules/budget', { threshold: 1 });
  await waitFor('the alert', async () => (await openAlerts()).length === 1);
}

async function calm(): Promise<void> {
  await ask('PUT', '/rules/budget', { threshold: null });
  await waitFor('the end of the alert', async () => (await openAlerts()).length === 0);
}

const messages = (): WebhookMessage[] => receiver.received.map(({ body }) => webhookMessage.parse(JSON.parse(body)));

async function told(what: string, condition: (seen: readonly WebhookMessage[]) => boolean): Promise<readonly WebhookMessage[]> {
  return waitFor(what, () => Promise.resolve(condition(messages()) && messages()))
    .catch((error: unknown) => { throw new Error(`${String(error)}; received ${JSON.stringify(messages().map(({ event, id }) => [event, id]))}`, { cause: error }); });
}

/** As a receiver would do it: by the documentation. */
function isSigned({ headers, body }: Received): boolean {
  const timestamp = String(headers['x-bulkhead-timestamp']);
  const expected = `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
  return headers['x-bulkhead-signature'] === expected && Math.abs(Date.now() / 1000 - Number(timestamp)) < 60;
}

test('raised, acknowledged, cleared: each told once, in order, signed, under an id of its own', async () => {
  const { id } = await add();
  await alarm();
  const [alert] = await openAlerts() as { id: string }[];
  await ask('POST', `/${alert!.id}/acknowledge`, { note: 'I see' });
  await calm();
  const seen = await told('three messages', (all) => all.length >= 3);
  expect(seen.map(({ event, alert: about }) => [event, about?.id])).toEqual([['raised', alert!.id], ['acknowledged', alert!.id], ['cleared', alert!.id]]);
  expect(new Set(seen.map((message) => message.id)).size).toBe(3);
  expect(seen[1]!.alert?.acknowledged).toMatchObject({ by: 'admin', note: 'I see' });
  expect(receiver.received.map(isSigned)).toEqual([true, true, true]);
  for (const [index, { headers }] of receiver.received.entries()) {
    expect(headers).toMatchObject({ 'x-bulkhead-delivery': seen[index]!.id, 'idempotency-key': seen[index]!.id, 'x-bulkhead-event': seen[index]!.event, 'content-type': 'application/json' });
  }
  await waitFor('the outcomes', async () => (await deliveries(id)).every(({ state }) => state === 'delivered'));
  expect(await list()).toMatchObject([{ waiting: 0, dead: 0, failure: null, hasSecret: true }]);
});

test('the secret never comes out again, neither by the API nor from the database', async () => {
  const { id } = await add();
  const all = JSON.stringify([await list(), await deliveries(id)]);
  expect(all).not.toContain(secret);
  const dump = JSON.stringify(await cluster.postgres.query('select to_jsonb(w) from webhook w union all select to_jsonb(e) from event e', cluster.database));
  expect(dump).toContain('pager');
  expect(dump).not.toContain(secret);
  expect(dump).not.toContain(Buffer.from(secret).toString('base64').slice(0, 16));
  // where it would be sent to is not changed without it
  const moved = await ask('PUT', `/webhooks/${id}`, { name: 'pager', url: 'http://192.0.2.7/elsewhere' });
  expect(moved).toMatchObject({ status: 400, body: { errors: [{ code: 'BODY_INVALID' }] } });
  expect(webhook.parse((await ask('PUT', `/webhooks/${id}`, { name: 'pager 2', url: `${receiver.url}?x=1` })).body)).toMatchObject({ hasSecret: true, name: 'pager 2' });
  expect(webhook.parse((await ask('PUT', `/webhooks/${id}`, { name: 'pager', url: 'http://192.0.2.7/elsewhere', secret: null })).body)).toMatchObject({ hasSecret: false });
  for (const node of cluster.nodes) expect(await node.log()).not.toContain(secret);
});

test('only what a webhook asks for, and nothing while it is muted; the end of a mute tells what is still open', async () => {
  await add({ name: 'bad only', leastSeverity: 'bad' });
  await add({ name: 'other rules', rules: ['node-down'] });
  await add({ name: 'ends', events: ['cleared'] });
  await add({ name: 'all' });
  const mute = (await ask('POST', '/mutes', { rule: 'budget', seconds: 600 })).body as { id: string };
  await alarm();
  await ask('DELETE', `/mutes/${mute.id}`);
  await told('one message', (all) => all.length === 1);
  await calm();
  const seen = await told('both ends', (all) => all.length === 3);
  const names = new Map((await list()).map(({ id, name }) => [id, name]));
  const byWebhook = (await cluster.postgres.query('select webhook_id, event from webhook_delivery order by number', cluster.database))
    .map((row) => [names.get(String(row['webhook_id'])), row['event']]).filter(([name]) => name !== undefined);
  expect(byWebhook).toContainEqual(['all', 'raised']);
  expect(byWebhook.sort()).toEqual([['all', 'cleared'], ['all', 'raised'], ['ends', 'cleared']]);
  expect(seen).toHaveLength(3);
  // what began and ended under a mute is told to nobody
  await ask('POST', '/mutes', { rule: 'budget', seconds: 600 });
  await alarm();
  await calm();
  expect(await cluster.postgres.query(`select 1 from webhook_delivery where state = 'waiting'`, cluster.database)).toEqual([]);
  expect(receiver.received).toHaveLength(3);
  for (const { id } of ((await ask('GET', '/mutes')).body as { mutes: { id: string }[] }).mutes) await ask('DELETE', `/mutes/${id}`);
});

test('a receiver that fails is asked again, with the same id and the same body, and what follows waits for it', async () => {
  const { id } = await add();
  let refusals = 2;
  receiver.answer = () => (refusals-- > 0 ? 500 : 204);
  await alarm();
  await calm();
  const seen = await told('the end', (all) => all.some(({ event }) => event === 'cleared'));
  expect(seen.map(({ event }) => event)).toEqual(['raised', 'raised', 'raised', 'cleared']);
  expect(new Set(receiver.received.slice(0, 3).map(({ headers, body }) => `${String(headers['x-bulkhead-delivery'])} ${body}`)).size).toBe(1);
  const states = await waitFor('the outcomes', async () => {
    const all = await deliveries(id);
    return all.every(({ state }) => state === 'delivered') && all;
  });
  expect(states.map(({ event, attempts }) => [event, attempts])).toEqual([['cleared', 1], ['raised', 3]]);
});

test('a receiver that is gone for good is given up, which is an alert of its own; a person can have it sent again', async () => {
  await ask('PUT', '/rules/webhook-failing', { enabled: true });
  const { id } = await add();
  receiver.answer = () => 410;
  await alarm();
  const dead = await waitFor('the delivery to be given up', async () => (await deliveries(id)).find(({ state }) => state === 'dead'));
  expect(dead).toMatchObject({ event: 'raised', status: 410, attempts: 1, failure: 'answered 410' });
  await waitFor('the alert', async () => (await openAlerts() as { rule: string; subject: string }[]).some(({ rule, subject }) => rule === 'webhook-failing' && subject === 'pager'));
  receiver.answer = () => 200;
  expect(await ask('POST', `/deliveries/${dead.id}/redeliver`)).toMatchObject({ status: 200, body: { id: dead.id } });
  await waitFor('it to be delivered', async () => (await deliveries(id)).some((each) => each.id === dead.id && each.state === 'delivered'));
  await waitFor('the alert to be over', async () => (await openAlerts() as { rule: string }[]).every(({ rule }) => rule !== 'webhook-failing'));
  expect(await ask('POST', '/deliveries/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/redeliver')).toMatchObject({ status: 404 });
  await ask('PUT', '/rules/webhook-failing', { enabled: false });
});

test('redirects are not followed, and what a test finds is told at once', async () => {
  const { id } = await add();
  const good = webhookTest.parse((await ask('POST', `/webhooks/${id}/test`)).body);
  expect(good).toMatchObject({ delivered: true, status: 204, failure: null });
  expect(messages()).toMatchObject([{ event: 'test', alert: null, id: good.deliveryId, cluster: { name: 'test' } }]);
  expect(receiver.received.map(isSigned)).toEqual([true]);
  receiver.answer = () => 307;
  expect(webhookTest.parse((await ask('POST', `/webhooks/${id}/test`)).body)).toMatchObject({ delivered: false, status: 307, failure: 'answered 307' });
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook']);
  const { port } = new URL(receiver.url);
  await receiver[Symbol.asyncDispose]();
  expect(webhookTest.parse((await ask('POST', `/webhooks/${id}/test`)).body)).toMatchObject({ delivered: false, status: null, failure: 'ECONNREFUSED' });
  receiver = await WebhookReceiver.start();
  expect(port).not.toBe('');
});

test('addresses that mean something only on this host or link are refused, also behind a name', async () => {
  for (const url of ['http://169.254.169.254/latest', 'http://[fe80::1]/', 'http://0.0.0.0/', 'http://[::1]:9/', 'http://2852039166/']) {
    expect([url, await ask('POST', '/webhooks', { name: url, url })]).toMatchObject([url, { status: 400, body: { errors: [{ code: 'WEBHOOK_ADDRESS_REFUSED' }] } }]);
  }
  // 127.0.0.0/8 is allowed here, ::1 is not
  const { id } = webhook.parse((await ask('POST', '/webhooks', { name: 'by name', url: 'http://ip6-loopback:9/' })).body);
  const tested = webhookTest.parse((await ask('POST', `/webhooks/${id}/test`)).body);
  expect(tested.delivered).toBe(false);
  for (const body of [{ name: 'x', url: 'ftp://10.0.0.1/' }, { name: '', url: receiver.url }, { name: 'x', url: receiver.url, secret: 'short' }, { name: 'x', url: receiver.url, rules: ['nothing'] }]) {
    expect([body, (await ask('POST', '/webhooks', body)).status]).not.toEqual([body, 201]);
  }
});

test('a master killed in the middle of its deliveries: everything arrives, under one id each, and nobody sends beside it', async () => {
  const { id } = await add();
  const { node: master, epoch } = await cluster.master();
  const held = Promise.withResolvers<null>();
  // the first attempt is never answered: its sender dies meanwhile
  receiver.answer = () => (receiver.received.length === 1 ? held.promise : 204);
  await alarm();
  await told('the first attempt', (all) => all.length === 1);
  await calm();
  await master.kill();
  await cluster.master({ aboveEpoch: epoch });
  await alarm();
  const seen = await told('everything', (all) => all.filter(({ event }) => event === 'raised').length >= 3 && all.some(({ event }) => event === 'cleared'));
  held.resolve(null);
  const all = await waitFor('the outcomes', async () => {
    const rows = await deliveries(id);
    return rows.every(({ state }) => state === 'delivered') && rows;
  });
  expect(all.map(({ event }) => event)).toEqual(['raised', 'cleared', 'raised']);
  // the broken attempt was made again under the same id; nothing else came twice
  expect(seen.map((message) => message.id).sort()).toEqual([all[0]!.id, all[1]!.id, all[2]!.id, all[2]!.id].sort());
  expect(receiver.received.every(isSigned)).toBe(true);
  expect(all[2]).toMatchObject({ attempts: 2 });
});

test('secrets outlive a change of the cluster key', async () => {
  const { id } = await add();
  const keyFile = join(dirname(cluster.nodes[0]!.configFile), 'cluster.key');
  const former = (await readFile(keyFile, 'utf8')).trim();
  const next = randomBytes(48).toString('base64');
  const give = async (...keys: string[]): Promise<void> => {
    await writeFile(keyFile, `${keys.join('\n')}\n`, { mode: 0o600 });
    for (const node of cluster.nodes) {
      const before = (await node.log()).split('credentials read again').length;
      process.kill(node.pid!, 'SIGHUP');
      await waitFor(`${node.nodeId} to read its keys`, async () => (await node.log()).split('credentials read again').length > before);
    }
  };
  const sealedWith = async (): Promise<unknown> => (await cluster.postgres.query(`select secret_key_id from webhook where id = '${id}'`, cluster.database))[0]?.['secret_key_id'];
  const before = await sealedWith();
  await give(former, next);
  await give(next, former);
  await waitFor('the secret to be sealed anew', async () => (await sealedWith()) !== before);
  await give(next);
  expect(webhookTest.parse((await ask('POST', `/webhooks/${id}/test`)).body)).toMatchObject({ delivered: true });
  expect(receiver.received.map(isSigned)).toEqual([true]);
});

test('a master frozen while it waits for an answer: its successor sends the same message, but not before that attempt is over', async () => {
  const { id } = await add();
  const { node: master, epoch } = await cluster.master();
  const held = Promise.withResolvers<number>();
  receiver.answer = () => (receiver.received.length === 1 ? held.promise : 204);
  await alarm();
  await told('the first attempt', (all) => all.length === 1);
  master.freeze();
  frozen = master;
  try {
    await cluster.master({ aboveEpoch: epoch });
    await told('the second attempt', (all) => all.length === 2);
  } finally {
    master.thaw();
  }
  held.resolve(204);
  const [first, second] = receiver.received;
  // an attempt may take ten seconds: until then it may still be under way
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(10_000);
  expect(messages()[1]!.id).toBe(messages()[0]!.id);
  await cluster.untilServing();
  frozen = undefined;
  await calm();
  await told('the end', (all) => all.some(({ event }) => event === 'cleared'));
  const all = await waitFor('the outcomes', async () => {
    const rows = await deliveries(id);
    return rows.every(({ state }) => state === 'delivered') && rows;
  });
  expect(all.map(({ event, attempts }) => [event, attempts])).toEqual([['cleared', 1], ['raised', 2]]);
  expect(messages().map(({ event }) => event)).toEqual(['raised', 'raised', 'cleared']);
});
