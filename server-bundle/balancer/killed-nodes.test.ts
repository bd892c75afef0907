import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { expect, it } from 'vitest';
import { FakeNode } from './testing/fake-node.ts';
import { startBalancer, until } from './testing/start-balancer.ts';

/** What the nodes share, as database and filestore are shared by real ones; a replayed request is recognized by its id. */
class SharedStore {
  readonly files = new Map<string, Buffer>();
  readonly answered = new Map<string, number>();
  replays = 0;

  handler = (request: IncomingMessage, response: ServerResponse): void => {
    void this.#answer(request, response).catch(() => undefined);
  };

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'PUT') {
      const body = await buffer(request);
      const id = String(request.headers['x-bulkhead-request-id']);
      if (this.answered.has(id)) this.replays += 1;
      else this.files.set(path, body);
      this.answered.set(id, 201);
      // the moment between commit and answer, in which a node can die
      await new Promise((resolve) => setTimeout(resolve, 2));
      response.writeHead(201).end(createHash('sha256').update(body).digest('hex'));
      return;
    }
    const file = this.files.get(path);
    if (file === undefined) { response.writeHead(404).end(); return; }
    const etag = `"${createHash('sha1').update(file).digest('hex')}"`;
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers['if-range'] === etag ? request.headers.range ?? '' : '');
    const [first, last] = range === null ? [0, file.length - 1] : [Number(range[1]), Number(range[2])];
    response.writeHead(range === null ? 200 : 206, {
      etag, 'content-length': String(last - first + 1),
      ...(range === null ? {} : { 'content-range': `bytes ${String(first)}-${String(last)}/${String(file.length)}` }),
    });
    response.end(request.method === 'HEAD' ? undefined : file.subarray(first, last + 1));
  }
}

it('nodes are killed and come back under load, and no client sees it', { timeout: 240_000 }, async () => {
  const store = new SharedStore();
  const nodes = await Promise.all(['a', 'b', 'c'].map((nodeId) => FakeNode.start(nodeId, store.handler)));
  await using front = await startBalancer(nodes);
  // a raw client: one attempt for each request, whatever happens
  const agent = new Agent({ connections: 16, pipelining: 1 });
  const failures: string[] = [];
  let requests = 0;
  let over = false;

  const client = async (number: number): Promise<void> => {
    for (let round = 0; !over; round += 1) {
      const url = `${front.url}/artifactory/r/${String(number)}/${String(round % 5)}`;
      const body = randomBytes(round % 3 === 0 ? 600_000 : 1000);
      const digest = createHash('sha256').update(body).digest('hex');
      for (const method of ['PUT', 'HEAD', 'GET'] as const) {
        requests += 1;
        try {
          const answer = await request(url, { method, dispatcher: agent, body: method === 'PUT' ? body : null });
          const bytes = Buffer.from(await answer.body.arrayBuffer());
          if (answer.statusCode >= 300) failures.push(`${method}: ${String(answer.statusCode)}`);
          else if (method === 'GET' && createHash('sha256').update(bytes).digest('hex') !== digest) failures.push('GET: other bytes');
        } catch (error) {
          failures.push(`${method}: ${String(error)}`);
        }
      }
    }
  };

  const clients = Array.from({ length: 12 }, (_, number) => client(number));
  const up = (node: FakeNode): boolean => front.balancer.status().backends.some((backend) => backend.nodeId === node.nodeId && backend.health === 'up');
  for (let event = 0; event < 24; event += 1) {
    const node = nodes[event % nodes.length];
    if (node === undefined) break;
    const before = requests;
    node.kill();
    await until(() => requests > before + 30);
    await node.restart();
    await until(() => up(node) && requests > before + 60);
  }
  over = true;
  await Promise.all(clients);
  await agent.close();
  for (const node of nodes) node.kill();
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(1000);
  const { totals } = front.balancer.status();
  // it was not luck: attempts did fail, and some of them after the change was made
  expect(totals.retries).toBeGreaterThan(20);
  expect(store.replays).toBeGreaterThan(0);
  expect(totals.failed).toBe(0);
});
