import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connect, createWirePair, serve, type Alert, type AlertPicture, type ClosableClient } from '../../contract/index.ts';
import { stubHandlers } from '../testing/stub-handlers.ts';
import { notifyOfAlerts } from './notifications.ts';

const system = vi.hoisted(() => ({ isSupported: true, shown: [] as { options: { title: string; body: string; urgency: string }; click: () => void }[] }));
vi.mock('electron', () => ({
  Notification: class extends EventEmitter {
    static isSupported(): boolean { return system.isSupported; }
    readonly #options: { title: string; body: string; urgency: string };
    constructor(options: { title: string; body: string; urgency: string }) {
      super();
      this.#options = options;
    }
    show(): void { system.shown.push({ options: this.#options, click: () => { this.emit('click'); } }); }
  },
}));

const alert = (id: string): Alert => ({
  id, rule: 'node-down', title: 'Node down', severity: 'bad', subject: id, nodeId: id, hostId: null, message: `${id}: the node was lost`, value: '', threshold: '',
  since: '2026-01-01T00:00:00Z', raisedAt: '2026-01-01T00:00:10Z', clearedAt: null, acknowledged: null, mutedUntil: null, clusterId: 'c', clusterName: 'prod', source: 'cluster',
});
const picture = (...alerts: Alert[]): AlertPicture => ({
  alerts, counts: { bad: alerts.length, warning: 0, acknowledged: 0, muted: 0 }, clusters: [{ clusterId: 'c', name: 'prod', freshness: 'live', evaluatedAt: null, problem: null }],
});

let client: ClosableClient;
let send: (next: AlertPicture) => void;
beforeEach(() => {
  system.shown = [];
  system.isSupported = true;
  const queue: AlertPicture[] = [];
  let wake = (): void => undefined;
  send = (next) => { queue.push(next); wake(); };
  const pair = createWirePair();
  serve(stubHandlers({
    'alerts.watch': async function* (_, { signal }) {
      while (!signal.aborted) {
        const next = queue.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => { wake = resolve; });
      }
    },
  }), pair.control, { caller: 'desktop' });
  client = connect(() => pair.client);
});
afterEach(() => { client.close(); });

it('shows a new alert once, and leads to the alerts', async () => {
  let clicks = 0;
  const stop = notifyOfAlerts(client, '/icon.png', () => { clicks += 1; });
  send(picture());
  send(picture(alert('n1')));
  send(picture(alert('n1')));
  send(picture(alert('n1'), alert('n2')));
  await expect.poll(() => system.shown).toHaveLength(2);
  expect(system.shown.map(({ options }) => options)).toMatchObject([
    { title: 'prod: Node down', body: 'n1: the node was lost', urgency: 'critical', icon: '/icon.png' }, { body: 'n2: the node was lost' },
  ]);
  system.shown[1]!.click();
  expect(clicks).toBe(1);
  stop();
});

it('shows nothing where the desktop has no notifications', () => {
  system.isSupported = false;
  notifyOfAlerts(client, '/icon.png', () => undefined)();
  expect(system.shown).toEqual([]);
});
