import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startCluster, type TestCluster, type TestNode } from '../harness/cluster.ts';
import { sha256 } from '../harness/node-client.ts';
import { UpstreamServer } from '../harness/upstream-server.ts';
import { waitFor } from '../harness/wait-for.ts';

let cluster: TestCluster;
let upstream: UpstreamServer;
let made = 0;

beforeAll(async () => { cluster = await startCluster({ balancer: false }); });
afterAll(async () => { await cluster.stop(); });
beforeEach(async () => { upstream = await UpstreamServer.start(); });
afterEach(async () => { await upstream[Symbol.asyncDispose](); });

const node = (at: number): TestNode => cluster.nodes[at % cluster.nodes.length]!;
async function make(settings: Record<string, unknown>): Promise<string> {
  made += 1;
  const key = `made-${String(made)}`;
  const answer = await node(0).client.put(`/api/repositories/${key}`, JSON.stringify({ packageType: 'generic', ...settings }), { headers: { 'content-type': 'application/json' } });
  expect(answer.status, answer.text()).toBe(200);
  return key;
}
const remote = (settings: Record<string, unknown> = {}): Promise<string> => make({ rclass: 'remote', url: upstream.url, allowPrivateAddresses: true, ...settings });
/** How a download ended, with what came of it. */
async function download(from: TestNode, path: string, onData: (bytes: number) => void = () => undefined): Promise<{ status: number; bytes: number; whole: boolean }> {
  const authorization = `Basic ${Buffer.from(`${cluster.admin.user}:${cluster.admin.password}`).toString('base64')}`;
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const request = httpRequest(`${from.url}/artifactory${path}`, { headers: { authorization }, agent: false }, (response: IncomingMessage) => {
      response.on('data', (chunk: Buffer) => { bytes += chunk.length; onData(bytes); });
      response.on('error', () => undefined);
      response.on('close', () => { resolve({ status: response.statusCode ?? 0, bytes, whole: response.complete }); });
    });
    request.on('error', reject);
    request.end();
  });
}

it('asks upstream once for 200 cold requests on three nodes', async () => {
  const key = await remote();
  const content = randomBytes(2_000_000);
  const begun = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  upstream.set('/big.bin', async (_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 700_000));
    begun.resolve(undefined);
    await released.promise;
    response.end(content.subarray(700_000));
  });
  const answers = Array.from({ length: 200 }, (_, at) => node(at).client.get(`/${key}/big.bin`));
  await begun.promise;
  released.resolve(undefined);
  const digests = new Set((await Promise.all(answers)).map(({ status, body }) => `${String(status)} ${sha256(body)}`));
  expect([...digests]).toEqual([`200 ${sha256(content)}`]);
  expect(upstream.asked).toEqual(['GET /big.bin']);
  for (const each of cluster.nodes) {
    const answer = await each.client.get(`/${key}/big.bin`);
    expect(answer.headers['x-checksum-sha256']).toBe(sha256(content));
  }
  expect(upstream.asked.length).toBe(1);
});

it('asks once for a document that has to be asked for again, and takes "not modified" for an answer', async () => {
  // the generic format has no documents of its own: Maven's metadata is one
  const key = await make({ rclass: 'remote', packageType: 'maven', url: upstream.url, allowPrivateAddresses: true, retrievalCachePeriodSecs: 0 });
  const path = '/org/acme/a/maven-metadata.xml';
  const metadata = '<metadata><groupId>org.acme</groupId><artifactId>a</artifactId><versioning><versions><version>1.0</version></versions></versioning></metadata>';
  let unchanged = 0;
  upstream.set(path, (request, response) => {
    if (request.headers['if-none-match'] === '"one"') {
      unchanged += 1;
      response.writeHead(304, { etag: '"one"' }).end();
    } else {
      response.writeHead(200, { etag: '"one"', 'content-length': metadata.length }).end(metadata);
    }
  });
  expect((await node(0).client.get(`/${key}${path}`)).text()).toContain('<version>1.0</version>');
  expect((await node(1).client.get(`/${key}${path}`)).text()).toContain('<version>1.0</version>');
  expect([upstream.count(path), unchanged]).toEqual([2, 1]);
  await upstream.vanish();
  const stale = await node(2).client.get(`/${key}${path}`);
  expect(stale.status).toBe(200);
  expect(stale.headers['warning']).toContain('111');
});

it('passes a body on while it arrives', async () => {
  const key = await remote();
  const released = Promise.withResolvers<undefined>();
  const halves = [randomBytes(100_000), randomBytes(1_500_000)] as const;
  upstream.set('/slow.bin', async (_request, response) => {
    response.writeHead(200, { 'content-length': halves[0].length + halves[1].length });
    response.write(halves[0]);
    await released.promise;
    response.end(halves[1]);
  });
  let seen = 0;
  const first = download(node(0), `/${key}/slow.bin`, (bytes) => { seen = bytes; });
  // all of what has come is with the client although upstream has not finished
  await waitFor('the first half', () => seen === halves[0].length);
  const late = download(node(0), `/${key}/slow.bin`);
  released.resolve(undefined);
  const size = halves[0].length + halves[1].length;
  expect(await Promise.all([first, late])).toEqual([{ status: 200, bytes: size, whole: true }, { status: 200, bytes: size, whole: true }]);
  expect(upstream.asked.length).toBe(1);
});

it.each(['a body that breaks off', 'a body with another digest', 'a body of unknown length with another digest'])('breaks off with %s and keeps nothing of it', async (what) => {
  const key = await remote({ missedRetrievalCachePeriodSecs: 0 });
  const content = randomBytes(800_000);
  const promised = what === 'a body that breaks off' ? {} : { 'x-checksum-sha1': createHash('sha1').update('else').digest('hex') };
  upstream.set('/bad.bin', (_request, response) => {
    response.writeHead(200, what.includes('unknown') ? promised : { 'content-length': content.length, ...promised });
    if (what !== 'a body that breaks off') response.end(content);
    else response.write(content.subarray(0, 600_000), () => { setTimeout(() => { response.destroy(); }, 50); });
  });
  for (const each of cluster.nodes) {
    const outcome = await download(each, `/${key}/bad.bin`).catch(() => ({ status: 0, bytes: 0, whole: false }));
    expect(outcome.whole, `${String(outcome.bytes)} bytes`).toBe(false);
  }
  expect((await node(0).client.get(`/api/storage/${key}/bad.bin`)).status).toBe(404);
  upstream.set('/bad.bin', content);
  expect(sha256((await node(1).client.get(`/${key}/bad.bin`)).body)).toBe(sha256(content));
});

it('asks with credentials that nobody is shown, and follows no redirect to where it may not go', async () => {
  const wanted = `Basic ${Buffer.from('build:pass word').toString('base64')}`;
  upstream.before = (request, response) => {
    if (request.headers.authorization === wanted) return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    return true;
  };
  upstream.set('/a.txt', 'a');
  const key = await remote({ username: 'build', password: 'pass word' });
  expect((await node(1).client.get(`/${key}/a.txt`)).text()).toBe('a');
  const shown = await node(2).client.get(`/api/repositories/${key}`);
  expect(shown.json()).toMatchObject({ rclass: 'remote', username: 'build', passwordSet: true });
  expect(shown.text()).not.toContain('pass word');
  const wrong = await remote({ username: 'build', password: 'wrong', hardFail: true });
  const refused = await node(0).client.get(`/${wrong}/a.txt`);
  expect(refused.status).toBe(502);

  // a name that leads to loopback is held against the rules when it is resolved
  upstream.before = null;
  const asked = upstream.asked.length;
  const named = await make({ rclass: 'remote', url: upstream.url.replace('127.0.0.1', 'localhost'), hardFail: true });
  expect((await node(0).client.get(`/${named}/a.txt`)).json()).toMatchObject({ errors: [{ code: 'UPSTREAM_ADDRESS_REFUSED' }] });
  expect(upstream.asked.length).toBe(asked);
  const literal = await node(0).client.put('/api/repositories/literal', JSON.stringify({ rclass: 'remote', packageType: 'generic', url: 'http://169.254.169.254/latest' }), { headers: { 'content-type': 'application/json' } });
  expect(literal.status).toBe(400);
});

it('answers with what it keeps when upstream is dead, and remembers what was not there', async () => {
  const key = await remote();
  upstream.set('/a.txt', 'a');
  expect((await node(0).client.get(`/${key}/a.txt`)).status).toBe(200);
  for (const each of cluster.nodes) expect((await each.client.get(`/${key}/none.txt`)).status).toBe(404);
  expect(upstream.count('/none.txt')).toBe(1);
  await upstream.vanish();
  for (const each of cluster.nodes) {
    expect((await each.client.get(`/${key}/a.txt`)).text()).toBe('a');
    expect((await each.client.get(`/${key}/b.txt`)).status).toBe(404);
  }
});

it('gives what it keeps under the name that Artifactory has for it, and asks nobody then', async () => {
  const [key, other] = [await remote(), await remote()];
  const json = { 'content-type': 'application/json' };
  const reader = { user: `reads-${key}`, password: 'a long password' };
  expect((await node(0).client.put(`/api/security/users/${reader.user}`, JSON.stringify({ password: reader.password, role: 'user' }), { headers: json })).status).toBe(201);
  expect((await node(1).client.put(`/api/v2/security/permissions/${key}`, JSON.stringify({ repo: { repositories: [`${key}-cache`], actions: { users: { [reader.user]: ['read'] } } } }), { headers: json })).status).toBe(201);
  upstream.set('/x/a.txt', 'a');
  upstream.set('/x/b.txt', 'b');
  expect((await node(0).client.get(`/${key}/x/a.txt`)).text()).toBe('a');
  expect((await node(1).client.get(`/${key}-cache/x/a.txt`, { as: reader })).text()).toBe('a');
  expect((await node(2).client.get(`/${key}-cache/x/b.txt`)).status).toBe(404);
  expect((await node(2).client.get(`/${other}-cache/x/a.txt`, { as: reader })).status).toBe(403);
  expect((await node(0).client.get(`/api/storage/${key}-cache/x`)).json()).toMatchObject({ children: [{ uri: '/a.txt', folder: false }] });
  const found = async (repo: string): Promise<unknown> => (await node(1).client.request('/api/search/aql', { method: 'POST', body: `items.find({"repo":${repo},"path":"x"}).include("name")` })).json();
  expect(await found(`"${key}-cache"`)).toMatchObject({ results: [{ name: 'a.txt' }] });
  expect(JSON.stringify(await found(`{"$ne":"${key}-cache"}`))).not.toContain('a.txt');
  expect((await node(2).client.get(`/api/search/artifact?name=a.txt&repos=${key}-cache`)).json()).toMatchObject({ results: [{ uri: expect.stringContaining(`/${key}/x/a.txt`) as unknown }] });
  expect((await node(0).client.delete(`/${key}-cache/x/a.txt`, { as: reader })).status).toBe(403);
  expect((await node(0).client.delete(`/${key}-cache/x/a.txt`)).status).toBe(204);
  expect((await node(1).client.get(`/${key}-cache/x/a.txt`)).status).toBe(404);
  expect((await node(1).client.put(`/${key}-cache/x/c.txt`, 'c')).status).toBe(409);
  expect(upstream.asked).toEqual(['GET /x/a.txt']);
  expect((await node(2).client.get(`/no-${key}-cache/x`)).status).toBe(404);
});

it('sees a deploy into an earlier member on every node as soon as it is acknowledged', async () => {
  const far = await remote();
  const near = await make({ rclass: 'local' });
  const all = await make({ rclass: 'virtual', repositories: [far, near], defaultDeploymentRepo: near });
  for (let round = 0; round < 20; round += 1) {
    const path = `a/${String(round)}.txt`;
    upstream.set(`/${path}`, 'from afar');
    await Promise.all(cluster.nodes.map(async ({ client }) => { expect((await client.get(`/${all}/${path}`)).text()).toBe('from afar'); }));
    // readers hammer while it is deployed: never back to the old answer
    let deployed = false;
    const reading = cluster.nodes.map(async ({ client }) => {
      for (let last = ''; ;) {
        const began = deployed;
        const text = (await client.get(`/${all}/${path}`)).text();
        if (last === 'from here' || began) expect(text).toBe('from here');
        if (began) return;
        last = text;
      }
    });
    const answer = await node(round).client.put(`/${all}/${path}`, 'from here');
    expect(answer.status).toBe(201);
    expect(answer.json()).toMatchObject({ repo: near });
    deployed = true;
    await Promise.all(reading);
  }
});

it('goes on when the node that fetches is killed', async () => {
  const key = await remote();
  const content = randomBytes(1_200_000);
  let asked = 0;
  upstream.set('/big.bin', (_request, response) => {
    asked += 1;
    response.writeHead(200, { 'content-length': content.length });
    // the first one never gets to the end
    if (asked === 1) response.write(content.subarray(0, 700_000));
    else response.end(content);
  });
  const doomed = node(0);
  const lost = download(doomed, `/${key}/big.bin`).catch(() => ({ status: 0, bytes: 0, whole: false }));
  await waitFor('the fetch to begin', () => asked === 1);
  const waiting = cluster.nodes.slice(1).map(({ client }) => client.get(`/${key}/big.bin`));
  await doomed.kill();
  expect((await lost).whole).toBe(false);
  for (const answer of await Promise.all(waiting)) expect(sha256(answer.body)).toBe(sha256(content));
  expect(asked).toBe(2);
  await doomed.start();
  await cluster.untilServing();
  expect(sha256((await doomed.client.get(`/${key}/big.bin`)).body)).toBe(sha256(content));
});
