import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditPage } from '../../../server-bundle/contract/index.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { admin, startLoneNode, type LoneNode } from './lone-node.ts';

/** Hosts of a network: all of 127.0.0.0/8 is this machine. */
const host = { client: '127.0.0.10', other: '127.0.0.11', outer: '127.0.0.2', inner: '127.0.0.3', stranger: '127.0.0.4' } as const;
type ProxyHost = 'outer' | 'inner' | 'stranger';
let node: LoneNode;
const servers: Server[] = [];
/** port by the ways through proxies, the first one first */
const ways = new Map<string, number>();

/** A proxy as nginx with `$proxy_add_x_forwarded_for`: adds who it was asked by to what it was told. */
async function proxy(at: ProxyHost, target: number): Promise<number> {
  const server = createServer((incoming, response) => {
    const told = incoming.headers['x-forwarded-for'];
    const chain = [...(told === undefined ? [] : [told].flat()), incoming.socket.remoteAddress ?? ''].join(', ');
    const onward = ask({ port: target, host: '127.0.0.1', localAddress: host[at], path: incoming.url, method: incoming.method, headers: { ...incoming.headers, 'x-forwarded-for': chain } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

beforeAll(async () => {
  node = await startLoneNode({ trustedProxies: [host.outer, '127.0.0.3/32'] });
  ways.set('none', node.port);
  ways.set('one', await proxy('inner', node.port));
  ways.set('two', await proxy('outer', ways.get('one') ?? 0));
  ways.set('a stranger', await proxy('stranger', node.port));
  ways.set('a stranger before a proxy', await proxy('stranger', ways.get('one') ?? 0));
});
afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await node[Symbol.asyncDispose]();
});

interface Sent { readonly from?: 'client' | 'other'; readonly password?: string; readonly forwarded?: string }

async function put(way: string, path: string, { from = 'client', password = admin.password, forwarded }: Sent = {}): Promise<{ status: number; code: string }> {
  const sent = ask({
    port: ways.get(way), host: '127.0.0.1', localAddress: host[from], path: `/artifactory/generic-local/${path}`, method: 'PUT', auth: `${admin.user}:${password}`,
    headers: { connection: 'close', ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) },
  });
  sent.end('content');
  const [answer] = await once(sent, 'response') as [IncomingMessage];
  const body = await text(answer);
  return { status: answer.statusCode ?? 0, code: answer.statusCode === 201 ? '' : (JSON.parse(body) as { errors: { code: string }[] }).errors[0]?.code ?? '' };
}

async function audited(path: string): Promise<string[]> {
  return waitFor(`an entry for ${path}`, async () => {
    const { entries } = auditPage.parse((await node.client.get('/api/v1/audit?limit=200')).json());
    const found = entries.filter((entry) => entry.path === path).map(({ address }) => address);
    return found.length > 0 && found;
  });
}

test.each([
  ['none', host.client], ['one', host.client], ['two', host.client], ['a stranger', host.stranger], ['a stranger before a proxy', host.stranger],
])('through %s the audit log knows the client, whatever a forged header says', async (way, expected) => {
  for (const [index, forwarded] of [undefined, '203.0.113.9', `203.0.113.9, ${host.inner}`, host.outer, 'nonsense, , '].entries()) {
    const path = `${way.replaceAll(' ', '-')}/${String(index)}`;
    expect((await put(way, path, forwarded === undefined ? {} : { forwarded })).status).toBe(201);
    expect([forwarded, await audited(path)]).toEqual([forwarded, [expected]]);
  }
});

test.each(['none', 'one', 'two'])('through %s guesses count together, whatever each one claims to come from, and hold up nobody else', async (way) => {
  const mine = `guessed-${way}`;
  expect((await node.client.put(`/api/security/users/${mine}`, JSON.stringify({ password: 'a long enough one', role: 'admin' }), { headers: { 'content-type': 'application/json' } })).status).toBe(201);
  const guess = async (at: number): Promise<number> => {
    const sent = ask({
      port: ways.get(way), host: '127.0.0.1', localAddress: host.client, path: '/artifactory/api/system/version', auth: `${mine}:wrong ${String(at)}`,
      headers: { connection: 'close', 'x-forwarded-for': `203.0.113.${String(at)}` },
    }).end();
    const [answer] = await once(sent, 'response') as [IncomingMessage];
    answer.resume();
    return answer.statusCode ?? 0;
  };
  const statuses: number[] = [];
  for (let at = 0; at < 7; at += 1) statuses.push(await guess(at));
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  // the administrator has logged in from there before, and another host is another address
  expect((await put(way, `after/${way}`)).status).toBe(201);
  expect((await put(way, `after/${way}-other`, { from: 'other' })).status).toBe(201);
  expect(await audited(`after/${way}-other`)).toEqual([host.other]);
});
