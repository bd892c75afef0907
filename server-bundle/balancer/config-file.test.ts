import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { request } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followConfig } from './config-file.ts';
import { statusServer } from './status-server.ts';
import { FakeNode } from './testing/fake-node.ts';
import { startBalancer, until } from './testing/start-balancer.ts';

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'balancer-')); });
afterEach(() => rm(folder, { recursive: true, force: true }));

it('hears of a changed file, also of one that was renamed into place, and keeps what was valid', async () => {
  const file = join(folder, 'balancer.yaml');
  await writeFile(file, 'cookie: first\n');
  const heard: string[] = [];
  const problems: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => { problems.push(line); } });
  const end = new AbortController();
  const following = followConfig(file, (config) => { heard.push(config.cookie); }, log, end.signal);
  try {
    await writeFile(join(folder, 'next'), 'cookie: second\n');
    await rename(join(folder, 'next'), file);
    await until(() => heard.length === 1);
    await writeFile(file, 'cookie: [not, a, name]\n');
    await until(() => problems.length === 1);
    await writeFile(file, 'cookie: third-one\n');
    await until(() => heard.length === 2);
    expect(heard).toEqual(['second', 'third-one']);
  } finally {
    end.abort();
    await following;
  }
});

it('tells its status to this machine only', async () => {
  using node = await FakeNode.start('a');
  await using front = await startBalancer([node]);
  await (await request(`${front.url}/artifactory/r/x`)).body.dump();
  const server = statusServer(() => front.balancer.status());
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  const url = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}/`;
  try {
    expect(await (await request(url)).body.json()).toMatchObject({ apiVersion: 1, backends: [{ nodeId: 'a', health: 'up', requests: 1 }], totals: { requests: 1, failed: 0 } });
    const rebound = await request(url, { headers: { host: 'evil.example' } });
    await rebound.body.dump();
    expect(rebound.statusCode).toBe(403);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
  }
});
