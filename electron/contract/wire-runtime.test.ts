import { describe, expect, it, vi } from 'vitest';
import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { CallContext, Handlers } from './client.ts';
import { connect } from './connect.ts';
import { createWirePair, type WirePair } from './in-process.ts';
import { operations } from './operations.ts';
import { serve } from './serve.ts';
import type { ToClient } from './wire.ts';

/** Handlers of which only the given ones are there; any other is a failure of the test. */
function only(some: Partial<Handlers>): Handlers {
  const names = Object.keys(operations);
  const missing = Object.fromEntries(names.map((name) => [name, () => Promise.reject(new Error(`unexpected call of ${name}`))]));
  return { ...missing, ...some } as Handlers;
}

function start(some: Partial<Handlers>, onInternalError?: (operation: string, error: unknown) => void): ReturnType<typeof connect> {
  const pair = createWirePair();
  serve(only(some), pair.control, { caller: 'cli', ...(onInternalError === undefined ? {} : { onInternalError }) });
  return connect(() => pair.client);
}

const summary = { clusterId: 'demo', name: 'Demo', kind: 'demo', health: 'ok', summary: '3 of 3 serving' } as const;

describe('calls', () => {
  it('carries arguments with their defaults, and the result', async () => {
    const node = vi.fn(() => Promise.resolve({}));
    const client = start({ 'node.drain': node });
    await expect(client.call('node.drain', { clusterId: 'demo', nodeId: 'node-1' })).resolves.toEqual({});
    expect(node).toHaveBeenCalledWith({ clusterId: 'demo', nodeId: 'node-1', deadlineSeconds: 300 }, expect.objectContaining({ caller: 'cli' }));
  });

  it('refuses arguments that the schema does not know, with their path', async () => {
    const client = start({});
    await expect(client.call('demo.start', { nodes: 12 })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', details: [{ path: 'nodes' }] });
  });

  it('passes coded errors with hint and details', async () => {
    const client = start({ 'demo.describe': () => Promise.reject(new BulkheadError('PORT_IN_USE', 'Port 8080 is taken', { details: { port: 8080 } })) });
    await expect(client.call('demo.describe', {})).rejects.toMatchObject({
      name: 'ContractError', code: 'PORT_IN_USE', message: 'Port 8080 is taken', details: { port: 8080 }, hint: expect.stringContaining('another port') as string,
    });
  });

  it('tells nothing of what broke inside, but the shell hears it', async () => {
    const seen = vi.fn();
    const client = start({ 'clusters.list': () => Promise.reject(new Error('secret in /root/x')) }, seen);
    const error: unknown = await client.call('clusters.list', {}).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    expect(seen).toHaveBeenCalledWith('clusters.list', expect.objectContaining({ message: 'secret in /root/x' }));
  });

  it('does not let a result through that breaks its schema', async () => {
    const seen = vi.fn();
    const client = start({ 'clusters.list': () => Promise.resolve([{ ...summary, health: 'splendid' }] as never) }, seen);
    await expect(client.call('clusters.list', {})).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(seen).toHaveBeenCalledOnce();
  });

  it('knows no calls besides the contract, and no inherited names', async () => {
    for (const name of ['demo.explode', 'toString', 'topology.watch']) {
      const pair = createWirePair();
      serve(only({}), pair.control, { caller: 'cli' });
      const answer = nextMessage(pair);
      pair.client.send({ kind: 'call', id: 1, name, args: {} });
      await expect(answer).resolves.toMatchObject({ kind: 'error', error: { code: 'METHOD_UNKNOWN' } });
    }
  });

  it('ignores what is no message at all', async () => {
    const client = createWirePair();
    serve(only({ 'clusters.list': () => Promise.resolve([]) }), client.control, { caller: 'cli' });
    const answer = nextMessage(client);
    client.client.send('rubbish' as never);
    client.client.send({ kind: 'call', id: 7, name: 'clusters.list', args: {} });
    await expect(answer).resolves.toEqual({ kind: 'result', id: 7, value: [] });
  });
});

describe('cancelling', () => {
  it('aborts the handler of a command and answers CANCELLED', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const client = start({
      'demo.stop': (_, { signal }) => {
        started.resolve(signal);
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
      },
    });
    const abort = new AbortController();
    const call = client.call('demo.stop', {}, { signal: abort.signal });
    const signal = await started.promise;
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(signal.aborted).toBe(true);
  });

  it('lets a command that made it in time answer with its result', async () => {
    const started = Promise.withResolvers<undefined>();
    const finish = Promise.withResolvers<Record<string, never>>();
    const client = start({ 'demo.stop': () => { started.resolve(undefined); return finish.promise; } });
    const abort = new AbortController();
    const call = client.call('demo.stop', {}, { signal: abort.signal });
    await started.promise;
    abort.abort();
    finish.resolve({});
    await expect(call).resolves.toEqual({});
  });

  it('drops a query at once', async () => {
    const client = start({ 'clusters.list': () => new Promise(() => undefined) });
    const abort = new AbortController();
    const call = client.call('clusters.list', {}, { signal: abort.signal });
    setImmediate(() => abort.abort());
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a caller that goes away', () => {
  it('aborts its questions, and lets its commands go on', async () => {
    const signals = new Map<string, AbortSignal>();
    const waiting = (name: string) => (_: object, { signal }: CallContext): Promise<never> => {
      signals.set(name, signal);
      return new Promise(() => undefined);
    };
    const pair = createWirePair();
    const stop = serve(only({ 'demo.stop': waiting('command'), 'clusters.list': waiting('query') }), pair.control, { caller: 'cli' });
    pair.client.send({ kind: 'call', id: 1, name: 'demo.stop', args: {} });
    pair.client.send({ kind: 'call', id: 2, name: 'clusters.list', args: {} });
    await expect.poll(() => signals.size).toBe(2);
    pair.close();
    await expect.poll(() => signals.get('query')?.aborted).toBe(true);
    expect(signals.get('command')?.aborted).toBe(false);
    stop();
    expect(signals.get('command')?.aborted).toBe(true);
  });
});

describe('streams', () => {
  it('delivers items in order, and the end', async () => {
    const client = start({
      'clusters.watch': async function* () {
        yield [];
        yield await Promise.resolve([summary]);
      },
    });
    const items: unknown[] = [];
    await new Promise<void>((end) => client.subscribe('clusters.watch', {}, { item: (item) => items.push(item), end }));
    expect(items).toEqual([[], [summary]]);
  });

  it('stops the source when nobody listens any more', async () => {
    const source = endless();
    const client = start({ 'clusters.watch': source.handler });
    const got = Promise.withResolvers<undefined>();
    const unsubscribe = client.subscribe('clusters.watch', {}, { item: () => got.resolve(undefined) });
    await got.promise;
    unsubscribe();
    await source.stopped;
  });

  it('stops the source when the wire closes', async () => {
    const source = endless();
    const pair = createWirePair();
    serve(only({ 'clusters.watch': source.handler }), pair.control, { caller: 'cli' });
    pair.client.send({ kind: 'subscribe', id: 1, name: 'clusters.watch', args: {} });
    await nextMessage(pair);
    pair.close();
    await source.stopped;
  });

  it('takes the next item only when the wire has drained', async () => {
    const pair = createWirePair();
    const drained = Promise.withResolvers<undefined>();
    const taken: number[] = [];
    const wire = { ...pair.control, drained: () => drained.promise };
    serve(only({
      'clusters.watch': async function* () {
        for (let n = 1; n <= 2; n += 1) {
          taken.push(n);
          yield await Promise.resolve([]);
        }
      },
    }), wire, { caller: 'cli' });
    pair.client.send({ kind: 'subscribe', id: 1, name: 'clusters.watch', args: {} });
    await nextMessage(pair);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toEqual([1]);
    drained.resolve(undefined);
    await expect.poll(() => taken).toEqual([1, 2]);
  });

  it('passes the error of a source', async () => {
    const client = start({
      // eslint-disable-next-line require-yield -- a source that fails before its first item
      'clusters.watch': async function* () {
        throw await Promise.resolve(new BulkheadError('CLUSTER_NOT_FOUND'));
      },
    });
    const error = await new Promise((resolve) => client.subscribe('clusters.watch', {}, { item: () => undefined, error: resolve }));
    expect(error).toMatchObject({ code: 'CLUSTER_NOT_FOUND' });
  });
});

describe('a lost wire', () => {
  it('fails what is under way, connects again and subscribes again', async () => {
    const pairs: WirePair[] = [];
    const handlers = only({
      'demo.stop': () => new Promise(() => undefined),
      'clusters.watch': async function* (_, { signal }) {
        yield [{ ...summary, summary: `wire ${pairs.length}` }];
        await aborted(signal);
      },
    });
    const client = connect(() => {
      const pair = createWirePair();
      pairs.push(pair);
      serve(handlers, pair.control, { caller: 'cli' });
      return pair.client;
    }, { minDelayMs: 1 });
    const connected: boolean[] = [];
    client.onConnection((state) => connected.push(state));
    const items: string[] = [];
    client.subscribe('clusters.watch', {}, { item: ([first]) => items.push(first?.summary ?? '') });
    const call = client.call('demo.stop', {});
    await expect.poll(() => items).toEqual(['wire 1']);
    pairs[0]?.close();
    await expect(call).rejects.toMatchObject({ code: 'CONTROL_ROOM_LOST' });
    await expect.poll(() => items).toEqual(['wire 1', 'wire 2']);
    expect(connected).toEqual([false, true, false, true]);
    client.close();
    await expect(client.call('clusters.list', {})).rejects.toMatchObject({ code: 'CONTROL_ROOM_LOST' });
  });

  it('keeps trying while nothing can be opened', async () => {
    let attempts = 0;
    const pair = createWirePair();
    serve(only({ 'clusters.list': () => Promise.resolve([]) }), pair.control, { caller: 'cli' });
    const client = connect(() => {
      attempts += 1;
      if (attempts < 3) throw new Error('refused');
      return pair.client;
    }, { minDelayMs: 1 });
    await expect(client.call('clusters.list', {})).rejects.toMatchObject({ code: 'CONTROL_ROOM_LOST' });
    await new Promise<void>((resolve) => client.onConnection((state) => { if (state) resolve(); }));
    await expect(client.call('clusters.list', {})).resolves.toEqual([]);
    expect(attempts).toBe(3);
  });
});

function nextMessage(pair: WirePair): Promise<ToClient> {
  return new Promise((resolve) => {
    const stop = pair.client.onMessage((message) => { stop(); resolve(message); });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function endless(): { handler: Handlers['clusters.watch']; stopped: Promise<void> } {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  async function* handler(_: object, { signal }: CallContext): AsyncGenerator<typeof summary[]> {
    try {
      yield [];
      await aborted(signal);
    } finally {
      resolve();
    }
  }
  return { handler, stopped };
}
