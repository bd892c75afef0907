import { EventEmitter } from 'node:events';
import type { App } from 'electron';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BulkheadError, connect, createWirePair, serve, type ClosableClient, type DemoDescription, type Handlers } from '../../contract/index.ts';
import { stubHandlers } from '../testing/stub-handlers.ts';
import { quitGracefully } from './quit.ts';

const boxes = vi.hoisted(() => ({ shown: [] as { message: string; buttons: string[] }[], errors: [] as string[], answer: 0 }));
vi.mock('electron', () => ({
  dialog: {
    showMessageBox: (options: { message: string; buttons: string[] }) => {
      boxes.shown.push(options);
      return Promise.resolve({ response: boxes.answer });
    },
    showErrorBox: (title: string) => { boxes.errors.push(title); },
  },
}));

const running: DemoDescription = {
  balancer: 'http://127.0.0.1:1', nodes: [], master: null, database: { host: '127.0.0.1', port: 1, name: 'x' }, admin: { user: 'admin', password: 'x' },
};

let quits: number;
let closed: number;
let stops: number;
let client: ClosableClient;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));

beforeEach(() => {
  quits = closed = stops = 0;
  boxes.shown = [];
  boxes.errors = [];
});
afterEach(() => {
  client.close();
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) if (before.get(signal)?.includes(listener) !== true) process.off(signal, listener);
  }
});

/** An app that quits as Electron's does: asks its listeners, and ends when none prevents it. */
function start(given: Partial<Handlers>): { quit(): void } {
  const app = Object.assign(new EventEmitter(), {
    quit: () => {
      const event = { prevented: false, preventDefault: () => { event.prevented = true; } };
      app.emit('before-quit', event);
      if (!event.prevented) quits += 1;
    },
    exit: () => { quits += 100; },
  });
  const pair = createWirePair();
  serve(stubHandlers({ 'demo.stop': async () => { stops += 1; return {}; }, ...given }), pair.control, { caller: 'desktop' });
  client = connect(() => pair.client);
  quitGracefully(app as unknown as App, { client, window: () => null, close: async () => { closed += 1; } });
  return app;
}

it('asks nothing when no demo runs, and closes the control room before it ends', async () => {
  start({}).quit();
  await expect.poll(() => quits).toBe(1);
  expect({ closed, stops, asked: boxes.shown }).toEqual({ closed: 1, stops: 0, asked: [] });
});

it.each([['leaves', 0, { quits: 1, closed: 1, stops: 0 }], ['stops', 1, { quits: 1, closed: 1, stops: 1 }]] as const)(
  '%s a running demo, as chosen',
  async (_word, answer, expected) => {
    boxes.answer = answer;
    start({ 'demo.describe': async () => running }).quit();
    await expect.poll(() => quits).toBe(1);
    expect({ quits, closed, stops }).toEqual(expected);
    expect(boxes.shown[0]?.buttons).toEqual(['Leave it running', 'Stop it', 'Cancel']);
  },
);

it('stays when asked to, and asks again the next time', async () => {
  boxes.answer = 2;
  const app = start({ 'demo.describe': async () => running });
  app.quit();
  await expect.poll(() => boxes.shown.length).toBe(1);
  await expect.poll(() => { app.quit(); return boxes.shown.length; }).toBeGreaterThan(1);
  expect({ quits, closed, stops }).toEqual({ quits: 0, closed: 0, stops: 0 });
});

it('asks nothing at SIGTERM and leaves the demo', async () => {
  start({ 'demo.describe': async () => running });
  process.emit('SIGTERM');
  await expect.poll(() => quits).toBe(1);
  expect({ closed, stops, asked: boxes.shown }).toEqual({ closed: 1, stops: 0, asked: [] });
});

it('says when the demo did not stop, and ends all the same', async () => {
  boxes.answer = 1;
  start({ 'demo.describe': async () => running, 'demo.stop': async () => { throw new BulkheadError('DATA_IN_USE'); } }).quit();
  await expect.poll(() => quits).toBe(1);
  expect(boxes.errors).toEqual(['The demo cluster did not stop']);
});
