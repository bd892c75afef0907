import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect, createWirePair, serve, type Alert, type AlertPicture, type ClosableClient, type Handlers } from '../../../contract/index.ts';
import { stubHandlers } from '../../testing/stub-handlers.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { Output } from '../output.ts';
import { createProgram, runProgram } from '../program.ts';

let out = '';
let err = '';
const clients: ClosableClient[] = [];
beforeEach(() => { out = err = ''; });
afterEach(() => { for (const client of clients.splice(0)) client.close(); });

async function bulkhead(argv: string[], given: Partial<Handlers>): Promise<ExitCode> {
  const streams = { out: (text: string) => { out += text; }, err: (text: string) => { err += text; } };
  const context: CliContext = {
    output: new Output(streams), signal: new AbortController().signal, outcome: { exitCode: exitCodes.ok },
    client: async () => {
      const pair = createWirePair();
      serve(stubHandlers(given), pair.control, { caller: 'cli' });
      const client = connect(() => pair.client);
      clients.push(client);
      return client;
    },
    transfers: () => Promise.reject(new Error('no bytes are moved here')),
    runConsole: async () => undefined,
  };
  return runProgram(createProgram(context, '1.2.3', streams), context, argv);
}

const alert: Alert = {
  id: 'a-1', rule: 'disk', title: 'Disk of the host', severity: 'warning', subject: 'n1', nodeId: 'n1', hostId: null, message: 'n1: full', value: 'disk 91 % of 40 GB', threshold: '90 %',
  since: '2026-01-01T11:00:00Z', raisedAt: '2026-01-01T11:00:10Z', clearedAt: null, acknowledged: null, mutedUntil: null, clusterId: 'c', clusterName: 'prod', source: 'cluster',
};
const picture = (change: Partial<AlertPicture> = {}): AlertPicture => ({
  alerts: [alert], counts: { bad: 0, warning: 1, acknowledged: 0, muted: 0 }, clusters: [{ clusterId: 'c', name: 'prod', freshness: 'live', evaluatedAt: null, problem: null }], ...change,
});
const watching = (...pictures: AlertPicture[]): Partial<Handlers> => ({
  'clusters.list': async () => [], 'alerts.watch': async function* () { yield* pictures; await new Promise(() => undefined); },
});

it('lists open alerts once every cluster has answered', async () => {
  const unknown = picture({ alerts: [], clusters: [{ clusterId: 'c', name: 'prod', freshness: 'unknown', evaluatedAt: null, problem: null }] });
  expect(await bulkhead(['alerts'], watching(unknown, picture()))).toBe(exitCodes.ok);
  expect(out).toMatch(/^SEVERITY +CLUSTER +ALERT/);
  expect(out).toContain('disk 91 % of 40 GB');
  expect(out).not.toContain('not known');
});

it('never says that all is well for a cluster that did not answer', async () => {
  const lost = picture({ alerts: [], clusters: [{ clusterId: 'c', name: 'prod', freshness: 'unknown', evaluatedAt: null, problem: 'No node answers' }] });
  expect(await bulkhead(['alerts', '--json'], watching(lost))).toBe(exitCodes.notRunning);
  expect(JSON.parse(out)).toEqual(lost);
  out = '';
  await bulkhead(['alerts'], watching(lost));
  expect(out).toContain('prod: its own alerts are not known (No node answers)');
  expect(out).not.toContain('no open alerts');
});

it('acknowledges, mutes and changes rules with what was asked', async () => {
  const asked: unknown[] = [];
  const note = <T>(result: T) => async (args: unknown): Promise<T> => { asked.push(args); return result; };
  const mute = { id: 'm', rule: null, subject: 'n1', until: '2026-01-01T13:00:00Z', reason: '', by: 'admin', createdAt: '2026-01-01T12:00:00Z' };
  const rule = { rule: 'disk', title: 'Disk', description: '', severity: 'warning', enabled: true, threshold: { value: 95, unit: '%', min: 1, max: 100 }, raiseAfterSeconds: 60, clearAfterSeconds: 60, defaults: { severity: 'warning', enabled: true, threshold: 90, raiseAfterSeconds: 60, clearAfterSeconds: 60 } } as const;
  expect(await bulkhead(['alerts', 'ack', 'a-1', '--cluster', 'prod', '--note', 'mine'], { 'alerts.acknowledge': note(alert) })).toBe(exitCodes.ok);
  expect(await bulkhead(['alerts', 'mute', '--node', 'n1', '--for', '4h'], { 'alerts.mute': note(mute) })).toBe(exitCodes.ok);
  expect([await bulkhead(['alerts', 'rule', 'disk', '--threshold', '95', '--clear-after', 'default', '--off'], { 'alerts.setRule': note(rule) }), err]).toEqual([exitCodes.ok, '']);
  expect(asked).toEqual([
    { clusterId: 'prod', alertId: 'a-1', note: 'mine' },
    { clusterId: 'demo', rule: null, subject: 'n1', seconds: 14_400, reason: '' },
    { clusterId: 'demo', rule: 'disk', threshold: 95, clearAfterSeconds: null, enabled: false },
  ]);
});

it('refuses what is no time and no number', async () => {
  expect(await bulkhead(['alerts', 'mute', '--for', 'soon'], {})).toBe(exitCodes.usage);
  expect(await bulkhead(['alerts', 'rule', 'disk', '--threshold', 'high'], {})).toBe(exitCodes.usage);
});

it('fails when a test message was not taken', async () => {
  const outcome = { deliveryId: 'd', delivered: false, status: 500, milliseconds: 3, failure: 'answered 500' };
  expect(await bulkhead(['alerts', 'webhook', 'test', 'w'], { 'alerts.webhooks': async () => [], 'alerts.testWebhook': async () => outcome })).toBe(exitCodes.failed);
  expect(out).toContain('not delivered: answered 500');
});
