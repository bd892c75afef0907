import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { alertHistory, alertRule, clusterAlert, openAlerts, type ClusterAlert } from '../../server-bundle/contract/index.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';

const base = '/api/v1/cluster/alerts';
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster({ balancer: false, config: { alerts: { evaluateMs: 100 } } });
  for (const rule of ['node-down', 'node-stopped', 'no-redundancy']) await setRule(rule, { raiseAfterSeconds: 1, clearAfterSeconds: 1 });
  // a busy test machine is not what these tests are about
  for (const rule of ['heartbeat-late', 'event-loop-delay', 'disk', 'filestore-space', 'filestore-full', 'pool-waiting']) await setRule(rule, { enabled: false });
});
afterAll(() => cluster.stop());
afterEach(async () => {
  await Promise.all(cluster.nodes.filter(({ pid }) => pid === undefined).map((node) => node.start()));
  await cluster.untilServing();
  await until('no open alert', (alerts) => alerts.length === 0);
});

/** Some node that runs. */
const anyone = () => cluster.nodes.find(({ pid }) => pid !== undefined)!.client;

async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const answer = await anyone().request(`${base}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
  return { status: answer.status, body: answer.body.length === 0 ? null : answer.json() };
}

async function setRule(rule: string, change: object): Promise<void> {
  expect(await ask('PUT', `/rules/${rule}`, change)).toMatchObject({ status: 200 });
}

const open = async (): Promise<ClusterAlert[]> => openAlerts.parse((await ask('GET', '')).body).alerts;

/** The open alerts, once they are as they should be. */
async function until(what: string, condition: (alerts: readonly ClusterAlert[]) => boolean): Promise<readonly ClusterAlert[]> {
  let last: readonly ClusterAlert[] = [];
  return waitFor(what, async () => {
    last = await open();
    return condition(last) && last;
  }, { everyMs: 50 }).catch((error: unknown) => { throw new Error(`${String(error)}; open: ${JSON.stringify(last)}`, { cause: error }); });
}

const down = (nodeId: string) => (alerts: readonly ClusterAlert[]): boolean => alerts.some((alert) => alert.rule === 'node-down' && alert.nodeId === nodeId);

const budget = (alerts: readonly ClusterAlert[]): ClusterAlert | undefined => alerts.find(({ rule }) => rule === 'budget');

async function eventsOf(alertId: string): Promise<string[]> {
  const rows = await cluster.postgres.query(`select type from event where detail ->> 'alertId' = '${alertId}' order by seq`, cluster.database);
  return rows.map((row) => String(row['type']));
}

test('a node that is killed raises an alert, which is cleared once it is back; both are told once', async () => {
  const { node: master } = await cluster.master();
  const victim = cluster.nodes.find((node) => node !== master)!;
  await victim.kill();
  const [alert] = (await until(`${victim.nodeId} down`, down(victim.nodeId))).filter(({ rule }) => rule === 'node-down');
  expect(alert).toMatchObject({ severity: 'bad', subject: victim.nodeId, clearedAt: null, acknowledged: null, mutedUntil: null });
  expect(alert!.message).toContain(victim.nodeId);
  expect(Date.parse(alert!.raisedAt) - Date.parse(alert!.since)).toBeGreaterThanOrEqual(1000);
  await victim.start();
  await until('it to be over', (alerts) => !down(victim.nodeId)(alerts));
  const { alerts } = alertHistory.parse((await ask('GET', `/history?rule=node-down&subject=${victim.nodeId}`)).body);
  expect(alerts).toMatchObject([{ id: alert!.id }]);
  expect(alerts[0]!.clearedAt).not.toBeNull();
  expect(await eventsOf(alert!.id)).toEqual(['alert.raised', 'alert.cleared']);
});

test('the next master goes on with the alerts of the one that was killed', async () => {
  const { node: master, epoch } = await cluster.master();
  await setRule('node-down', { raiseAfterSeconds: 6 });
  const victim = cluster.nodes.find((node) => node !== master)!;
  await victim.kill();
  const pending = await waitFor('the condition to be seen', async () =>
    (await cluster.postgres.query(`select id from alert where rule = 'node-down' and raised_at is null`, cluster.database))[0]?.['id']);
  await master.kill();
  await cluster.master({ aboveEpoch: epoch });
  const alerts = await until('both to be down', (seen) => down(victim.nodeId)(seen) && down(master.nodeId)(seen));
  expect(alerts.find(({ nodeId }) => nodeId === victim.nodeId)).toMatchObject({ id: pending });
  expect(alerts.map(({ rule }) => rule)).toContain('no-redundancy');
  expect(await eventsOf(String(pending))).toEqual(['alert.raised']);
  await setRule('node-down', { raiseAfterSeconds: 1 });
});

test('acknowledged on one node, it is acknowledged on all, and stays so over a change of master', async () => {
  const { node: master, epoch } = await cluster.master();
  const victim = cluster.nodes.find((node) => node !== master)!;
  await victim.kill();
  const alert = (await until('the alert', down(victim.nodeId))).find(({ rule }) => rule === 'node-down')!;
  const answer = await ask('POST', `/${alert.id}/acknowledge`, { note: 'power supply is on its way' });
  expect(clusterAlert.parse(answer.body).acknowledged).toMatchObject({ by: 'admin', note: 'power supply is on its way' });
  await master.client.post('/api/v1/cluster/master', {});
  const next = await cluster.master({ aboveEpoch: epoch });
  const there = openAlerts.parse((await next.node.client.get(base)).json()).alerts.find(({ id }) => id === alert.id);
  expect(there?.acknowledged).toMatchObject({ by: 'admin' });
  expect(await eventsOf(alert.id)).toEqual(['alert.raised', 'alert.acknowledged']);
  await victim.start();
  await until('it to be over', (alerts) => !down(victim.nodeId)(alerts));
  expect(await ask('POST', `/${alert.id}/acknowledge`, {})).toMatchObject({ status: 409, body: { errors: [{ code: 'ALERT_CLEARED' }] } });
  expect(await ask('POST', '/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/acknowledge', {})).toMatchObject({ status: 404, body: { errors: [{ code: 'ALERT_NOT_FOUND' }] } });
});

test('a node that is drained and then stopped is nobody\'s concern; one that is just stopped is', async () => {
  const [first, second] = cluster.nodes;
  await second!.client.post(`/api/v1/cluster/nodes/${first!.nodeId}/drain`, { deadlineSeconds: 5 });
  await cluster.until('it to be drained', (view) => view.nodes.some((node) => node.nodeId === first!.nodeId && node.observed === 'drained'));
  await first!.stop();
  await second!.stop();
  const alerts = await until('the stopped one', (seen) => seen.some(({ rule }) => rule === 'node-stopped'));
  expect(alerts.filter(({ nodeId }) => nodeId !== null)).toMatchObject([{ rule: 'node-stopped', nodeId: second!.nodeId, severity: 'warning' }]);
  await second!.start();
  await first!.start({ wait: false });
  await second!.client.post(`/api/v1/cluster/nodes/${first!.nodeId}/undrain`, {});
});

test('rules: a threshold that is overstepped raises, the default clears; what is not valid is refused', async () => {
  await setRule('budget', { threshold: 1, raiseAfterSeconds: 0, clearAfterSeconds: 0, severity: 'bad' });
  const alert = budget(await until('the budget', (alerts) => budget(alerts) !== undefined));
  expect(alert).toMatchObject({ severity: 'bad', threshold: '1 %', nodeId: null });
  expect(alert!.value).toMatch(/^\d+ of \d+ connections \(\d+ %\)$/);
  expect(alertRule.parse((await ask('PUT', '/rules/budget', { threshold: null, severity: null })).body)).toMatchObject({ threshold: { value: 85 }, severity: 'warning' });
  await until('it to be over', (alerts) => budget(alerts) === undefined);
  await setRule('budget', { threshold: 1 });
  await until('it again', (alerts) => budget(alerts) !== undefined);
  await setRule('budget', { enabled: false });
  await until('a rule that is off to take its alert with it', (alerts) => budget(alerts) === undefined);
  await setRule('budget', { enabled: null, threshold: null, raiseAfterSeconds: null, clearAfterSeconds: null });
  expect(await ask('PUT', '/rules/budget', { threshold: 101 })).toMatchObject({ status: 400 });
  expect(await ask('PUT', '/rules/node-down', { threshold: 3 })).toMatchObject({ status: 400 });
  expect(await ask('PUT', '/rules/nothing', { enabled: false })).toMatchObject({ status: 404, body: { errors: [{ code: 'ALERT_RULE_NOT_FOUND' }] } });
});

test('mutes: shown as muted until they end, by rule and by subject', async () => {
  const mute = await ask('POST', '/mutes', { rule: 'budget', seconds: 3600, reason: 'load test' });
  expect(mute).toMatchObject({ status: 201, body: { rule: 'budget', subject: null, by: 'admin', reason: 'load test' } });
  await setRule('budget', { threshold: 1, raiseAfterSeconds: 0, clearAfterSeconds: 0 });
  const alert = budget(await until('the budget', (alerts) => budget(alerts) !== undefined));
  expect(alert!.mutedUntil).toBe((mute.body as { until: string }).until);
  expect(await ask('DELETE', `/mutes/${(mute.body as { id: string }).id}`)).toMatchObject({ status: 204 });
  expect(await ask('DELETE', `/mutes/${(mute.body as { id: string }).id}`)).toMatchObject({ status: 404 });
  expect(budget(await open())!.mutedUntil).toBeNull();
  const bySubject = await ask('POST', '/mutes', { subject: 'cluster', seconds: 5 });
  const { mutedUntil } = budget(await open())!;
  // a look that takes longer than the mute sees it over
  if (Date.now() < Date.parse((bySubject.body as { until: string }).until)) expect(mutedUntil).not.toBeNull();
  await until('the mute to end by itself', (alerts) => budget(alerts)?.mutedUntil === null);
  expect(await ask('POST', '/mutes', { seconds: 0 })).toMatchObject({ status: 400 });
  await setRule('budget', { threshold: null });
  await until('it to be over', (alerts) => budget(alerts) === undefined);
});

test('nothing falls between two pages of the history, also what was raised at one time', async () => {
  const insert = (subject: string, at: string): Promise<unknown> => cluster.postgres.query(
    `insert into alert (id, rule, subject, severity, title, message, value, threshold, since, raised_at, cleared_at)
     values (gen_random_uuid(), 'node-down', '${subject}', 'bad', 'Node down', 'gone', 'gone', 'running', '${at}', '${at}', '${at}')`, cluster.database);
  for (const subject of ['p1', 'p2', 'p3', 'p4']) await insert(subject, '2020-01-02T00:00:00.123Z');
  await insert('p5', '2020-01-01T00:00:00Z');
  const found: string[] = [];
  for (let before = '2020-02-01T00:00:00Z'; before !== '';) {
    const { alerts, more } = alertHistory.parse((await ask('GET', `/history?limit=2&before=${before}`)).body);
    found.push(...alerts.map(({ subject }) => subject));
    before = more ? alerts.at(-1)!.raisedAt : '';
  }
  expect(found.sort()).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
});

test('alerts are for administrators', async () => {
  await anyone().put('/api/security/users/alice', JSON.stringify({ name: 'alice', password: 'correct horse battery', email: 'a@example.org' }), { headers: { 'content-type': 'application/json' } });
  for (const path of ['', '/history', '/rules', '/mutes', '/webhooks', '/deliveries']) {
    expect([path, (await anyone().get(`${base}${path}`, { as: { user: 'alice', password: 'correct horse battery' } })).status]).toEqual([path, 403]);
    expect([path, (await anyone().get(`${base}${path}`, { as: null })).status]).toEqual([path, 401]);
  }
});

test('an outage of the database is told by the master once it is back', async () => {
  await setRule('no-master', { threshold: 3, clearAfterSeconds: 1 });
  await cluster.postgres.kill();
  await waitFor('503', async () => (await anyone().get('/api/system/ping', { as: null })).status === 503);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await cluster.postgres.restart();
  await cluster.untilServing();
  const history = await waitFor('the alert', async () => {
    const { alerts } = alertHistory.parse((await ask('GET', '/history?rule=no-master')).body);
    return alerts.length > 0 && alerts;
  });
  expect(history[0]).toMatchObject({ severity: 'bad', subject: 'cluster' });
  await setRule('no-master', { threshold: null });
});
