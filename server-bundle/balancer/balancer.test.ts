import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { FakeNode } from './testing/fake-node.ts';
import { startBalancer, until } from './testing/start-balancer.ts';

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const readDigest = async (message: IncomingMessage): Promise<string> => digest(await buffer(message));

describe('choice of a node', () => {
  it('keeps a client on its node, and moves it when the node drains', async () => {
    using a = await FakeNode.start('a');
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a, b]);
    const first = await request(`${front.url}/artifactory/r/x`);
    const home = await first.body.text();
    const cookie = String(first.headers['set-cookie']);
    expect(cookie).toMatch(/^BULKHEAD_NODE=[\w-]{16}; Path=\/; HttpOnly; SameSite=Lax$/);
    const pair = cookie.split(';')[0] ?? '';
    for (let n = 0; n < 10; n += 1) {
      const next = await request(`${front.url}/artifactory/r/x`, { headers: { cookie: `other=1; ${pair}` } });
      expect(await next.body.text()).toBe(home);
      expect(next.headers['set-cookie']).toBeUndefined();
    }
    const [old, other] = home === 'a' ? [a, b] : [b, a];
    old.ping = 503;
    await until(() => front.balancer.status().backends.some((backend) => backend.nodeId === home && backend.health === 'draining'));
    const moved = await request(`${front.url}/artifactory/r/x`, { headers: { cookie: pair } });
    expect(await moved.body.text()).toBe(other.nodeId);
    expect(moved.headers['set-cookie']).not.toBe(cookie);
  });

  it('waits for a node to come, and says NO_BACKEND when none does', async () => {
    using a = await FakeNode.start('a');
    a.kill();
    await using front = await startBalancer([a], { limits: { waitForBackendMs: 400 } });
    const none = await request(`${front.url}/artifactory/r/x`);
    expect(none.statusCode).toBe(503);
    expect(none.headers['retry-after']).toBe('1');
    expect(await none.body.json()).toMatchObject({ errors: [{ status: 503, code: 'NO_BACKEND' }] });
    const waiting = request(`${front.url}/artifactory/r/x`);
    await a.restart();
    expect((await waiting).statusCode).toBe(200);
  });

  it('uses nodes that the configuration adds, and finishes what a removed one has begun', async () => {
    using a = await FakeNode.start('a', (_request, response) => { response.write('half'); });
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a]);
    const under = await request(`${front.url}/artifactory/r/x`);
    front.balancer.apply({ ...front.config, backends: [{ nodeId: 'b', url: b.url }] });
    await until(() => front.balancer.backends.choose(undefined, new Set())?.nodeId === 'b');
    expect(await (await request(`${front.url}/artifactory/r/x`)).body.text()).toBe('b');
    expect(a.seen).toHaveLength(1);
    const rest = under.body.text();
    a.finish(' whole');
    expect(await rest).toBe('half whole');
  });
});

describe('a node that dies', () => {
  it.each(['GET', 'HEAD', 'DELETE', 'PUT'] as const)('before it answered: %s goes to another one under the same request id', async (method) => {
    using a = await FakeNode.start('a');
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a, b]);
    let killed = false;
    const bodies: string[] = [];
    for (const node of [a, b]) {
      node.handle((incoming, response) => {
        void readDigest(incoming).then((seen) => {
          bodies.push(seen);
          if (killed) response.end();
          else { killed = true; node.kill(); }
        });
      });
    }
    const body = method === 'PUT' ? randomBytes(700_000) : null;
    const answer = await request(`${front.url}/artifactory/r/x`, { method, body, headers: { 'x-bulkhead-request-id': 'forged' } });
    await answer.body.dump();
    expect(answer.statusCode).toBe(200);
    const ids = [...a.seen, ...b.seen].map((seen) => seen.headers['x-bulkhead-request-id']);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(bodies)).toEqual(new Set([digest(body ?? Buffer.alloc(0))]));
    expect(front.balancer.status().totals).toMatchObject({ retries: 1, failed: 0 });
  });

  it.each(['POST', 'PATCH'] as const)('before it answered: %s is not sent twice', async (method) => {
    using a = await FakeNode.start('a');
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a, b]);
    for (const node of [a, b]) node.handle(() => { node.kill(); });
    const answer = await request(`${front.url}/artifactory/r/x`, { method, body: 'x' });
    expect(answer.statusCode).toBe(502);
    expect(await answer.body.json()).toMatchObject({ errors: [{ code: 'BACKEND_FAILED' }] });
    expect(a.seen.length + b.seen.length).toBe(1);
  });

  it('before it could be reached: even POST goes elsewhere, because nobody has seen it', async () => {
    using a = await FakeNode.start('a');
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a, b], { health: { intervalMs: 60_000 } });
    a.kill();
    for (let n = 0; n < 4; n += 1) {
      const answer = await request(`${front.url}/artifactory/r/x`, { method: 'POST', body: Readable.from(['some ', 'body']) });
      expect(await answer.body.text()).toBe('b');
    }
  });

  it('goes silent: what it has not answered moves on', async () => {
    using a = await FakeNode.start('a');
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a, b]);
    const answer = request(`${front.url}/artifactory/r/x`, { method: 'PUT', body: 'x'.repeat(100) });
    for (const node of [a, b]) {
      node.handle((incoming, response) => {
        incoming.resume();
        if (a.seen.length + b.seen.length === 1) node.ping = 'silent';
        else response.end('done');
      });
    }
    expect(await (await answer).body.text()).toBe('done');
    expect(a.seen.length + b.seen.length).toBe(2);
  });

  it('in mid-answer: the download goes on from another node', async () => {
    const content = randomBytes(3_000_000);
    using a = await FakeNode.start('a');
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a, b]);
    let broken = false;
    let kill = (): void => undefined;
    for (const node of [a, b]) {
      node.handle((incoming, response) => {
        const match = /^bytes=(\d+)-(\d+)$/.exec(incoming.headers.range ?? '');
        const [first, last] = match === null ? [0, content.length - 1] : [Number(match[1]), Number(match[2])];
        response.writeHead(match === null ? 200 : 206, {
          etag: '"e"', 'content-length': String(last - first + 1),
          ...(match === null ? {} : { 'content-range': `bytes ${String(first)}-${String(last)}/${String(content.length)}` }),
        });
        if (broken) { response.end(content.subarray(first, last + 1)); return; }
        broken = true;
        kill = () => { node.kill(); };
        response.write(content.subarray(first, first + 1_000_000));
      });
    }
    const answer = await request(`${front.url}/artifactory/r/x`);
    kill();
    expect(digest(Buffer.from(await answer.body.arrayBuffer()))).toBe(digest(content));
    const second = [...a.seen, ...b.seen].find((seen) => seen.headers.range !== undefined);
    expect(second?.headers['if-range']).toBe('"e"');
    expect(front.balancer.status().totals).toMatchObject({ resumed: 1, failed: 0 });
  });

  it('in mid-answer, and the artifact has changed since: the client sees the break, never a mixture', async () => {
    using a = await FakeNode.start('a');
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a, b]);
    let calls = 0;
    let kill = (): void => undefined;
    for (const node of [a, b]) {
      node.handle((_incoming, response) => {
        calls += 1;
        response.writeHead(200, { etag: `"${String(calls)}"`, 'content-length': '1000' });
        if (calls > 1) { response.end('n'.repeat(1000)); return; }
        kill = () => { node.kill(); };
        response.write('o'.repeat(10));
      });
    }
    const answer = await request(`${front.url}/artifactory/r/x`);
    kill();
    await expect(answer.body.text()).rejects.toThrow();
    expect(calls).toBe(2);
  });
});

describe('answers', () => {
  it('429 is passed on as it is', async () => {
    using a = await FakeNode.start('a', (_request, response) => { response.writeHead(429, { 'retry-after': '7' }).end(); });
    using b = await FakeNode.start('b', (_request, response) => { response.writeHead(429, { 'retry-after': '7' }).end(); });
    await using front = await startBalancer([a, b]);
    const answer = await request(`${front.url}/artifactory/r/x`);
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '7']);
    expect(a.seen.length + b.seen.length).toBe(1);
    expect(front.balancer.status().backends.every((backend) => backend.failures === 0 && backend.health === 'up')).toBe(true);
  });

  it('503 of one node is another node\'s turn; of all nodes, it is the answer', async () => {
    using a = await FakeNode.start('a', (incoming, response) => { incoming.resume(); response.writeHead(503, { 'retry-after': '2' }).end('busy a'); });
    using b = await FakeNode.start('b');
    await using front = await startBalancer([a, b], { limits: { waitForBackendMs: 200 } });
    for (let n = 0; n < 4; n += 1) expect(await (await request(`${front.url}/x`, { method: 'PUT', body: 'x' })).body.text()).toBe('b');
    b.kill();
    await until(() => front.balancer.status().backends.some((backend) => backend.health === 'down'));
    const answer = await request(`${front.url}/x`);
    expect([answer.statusCode, answer.headers['retry-after'], await answer.body.text()]).toEqual([503, '2', 'busy a']);
  });

  it('large bodies stream both ways and wait for the slower side', async () => {
    const size = 96 * 1024 * 1024;
    let received = 0;
    using a = await FakeNode.start('a', (incoming, response) => {
      incoming.on('data', (chunk: Buffer) => { received += chunk.length; });
      incoming.on('end', () => { response.end('stored'); });
    });
    await using front = await startBalancer([a]);
    const piece = Buffer.alloc(1024 * 1024, 7);
    const answer = await request(`${front.url}/x`, {
      method: 'PUT', body: Readable.from((function* () { for (let n = 0; n < 96; n += 1) yield piece; })()), headers: { 'content-length': String(size) },
    });
    expect(await answer.body.text()).toBe('stored');
    expect(received).toBe(size);

    let sent = 0;
    a.handle((_incoming, response) => {
      const more = (): void => {
        while (sent < size) { sent += piece.length; if (!response.write(piece)) { response.once('drain', more); return; } }
        response.end();
      };
      more();
    });
    const download = await request(`${front.url}/x`);
    await until(() => sent > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    let got = 0;
    for await (const chunk of download.body) got += (chunk as Buffer).length;
    expect(got).toBe(size);
  });

  it('a chunked body beyond the buffer is still delivered whole', async () => {
    using a = await FakeNode.start('a', (incoming, response) => { void readDigest(incoming).then((seen) => response.end(seen)); });
    await using front = await startBalancer([a], { limits: { bufferedBodyBytes: 500_000, bufferedInMemoryBytes: 1000 } });
    for (const length of [400, 400_000, 2_000_000]) {
      const body = randomBytes(length);
      const answer = await request(`${front.url}/x`, { method: 'PUT', body: Readable.from([body.subarray(0, 100), body.subarray(100)]) });
      expect(await answer.body.text()).toBe(digest(body));
    }
  });
});

it('ends what is under way before it stops, and takes nothing new', async () => {
  using a = await FakeNode.start('a', (_request, response) => { response.write('half'); });
  const front = await startBalancer([a]);
  const answer = await request(`${front.url}/x`);
  const stopped = front.balancer.stop(new AbortController().signal);
  await expect(request(`${front.url}/x`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  a.finish(' whole');
  expect(await answer.body.text()).toBe('half whole');
  await stopped;
});

it('lets go of the node when the client goes away', async () => {
  using a = await FakeNode.start('a');
  await using front = await startBalancer([a]);
  const closed = Promise.withResolvers<undefined>();
  a.handle((_incoming, response) => { response.on('close', () => { closed.resolve(undefined); }); response.write('x'); });
  const client = new AbortController();
  const answer = await request(`${front.url}/x`, { signal: client.signal });
  answer.body.on('error', () => undefined);
  client.abort();
  await closed.promise;
  await until(() => front.balancer.totals.inFlight === 0);
  expect(front.balancer.status().backends[0]).toMatchObject({ inFlight: 0, failures: 0 });
});
