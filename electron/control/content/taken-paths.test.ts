import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNodeAgent, NodeApi } from '../node-api/index.ts';
import { takenPaths } from './taken-paths.ts';

const stamps = { created: '2026-01-01T00:00:00Z', lastModified: '2026-01-01T00:00:00Z' };
let node: Server;
let asked: string[];
let agent: ReturnType<typeof createNodeAgent>;
let api: NodeApi;

beforeEach(async () => {
  asked = [];
  node = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').replace('/artifactory/api/storage/', ''));
    asked.push(path);
    const children: Record<string, string[]> = { r: ['a.txt', 'sub'], 'r/sub': ['b ü.txt'] };
    const names = children[path];
    if (path === 'r/locked') response.writeHead(403).end(JSON.stringify({ errors: [{ status: 403, code: 'FORBIDDEN', message: 'no' }] }));
    else if (names === undefined) response.writeHead(404).end(JSON.stringify({ errors: [{ status: 404, code: 'ARTIFACT_NOT_FOUND', message: 'nothing' }] }));
    else response.end(JSON.stringify({ ...stamps, children: names.map((name) => ({ uri: `/${name}`, folder: name === 'sub' })) }));
  });
  await new Promise<void>((resolve) => { node.listen(0, '127.0.0.1', resolve); });
  agent = createNodeAgent();
  api = new NodeApi({ nodeId: 'n', url: `http://127.0.0.1:${(node.address() as AddressInfo).port}` }, { user: 'admin', password: 'p' }, agent);
});
afterEach(async () => {
  await agent.destroy();
  node.closeAllConnections();
  await new Promise<void>((resolve) => { node.close(() => resolve()); });
});

const taken = (...paths: string[]): Promise<string[]> => takenPaths(api, 'r', paths, new AbortController().signal);

it('finds what is there, in the order that was asked, and reads each folder once', async () => {
  expect(await taken('sub/b ü.txt', 'new.txt', 'a.txt', 'sub/new.txt', 'none/a.txt', 'sub')).toEqual(['sub/b ü.txt', 'a.txt', 'sub']);
  expect(asked.toSorted()).toEqual(['r', 'r/none', 'r/sub']);
  expect(await taken()).toEqual([]);
});

it('does not take "may not look" for "nothing is there"', async () => {
  await expect(taken('locked/a.txt')).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
