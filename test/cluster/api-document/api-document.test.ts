import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { startLoneNode, type LoneNode } from '../edge/lone-node.ts';
import { addressOf, documentedRows, shapeOf } from './document.ts';
import { expectAnswer, send, type Asker, type Examples } from './example.ts';
import { access } from './examples/access.ts';
import { builds, repositories, system } from './examples/administration.ts';
import { artifacts } from './examples/artifacts.ts';
import { items } from './examples/items.ts';
import { searches, trashCan } from './examples/searches.ts';

/** docs/api.md, held against what nodes answer. */
const rows = documentedRows();
const examples: Examples = { ...access, ...artifacts, ...items, ...searches, ...trashCan, ...repositories, ...builds, ...system };
const compared = rows.filter(({ verdict }) => verdict !== null && verdict !== 'absent');
const absent = rows.filter(({ verdict }) => verdict === 'absent').flatMap(({ calls }) => calls);
const filled = (path: string): string => addressOf(path).replaceAll(/\{[^}]+\}/g, 'x');
const asked = (ask: string): { method: string; address: string } => {
  const [method = '', path = ''] = ask.split(/ ([^?]*)/);
  return { method, address: addressOf(path) };
};
/** Whether a path that was asked for is the one of a documented call. */
const isOf = (path: string, address: string): boolean => new RegExp(`^${addressOf(path).replaceAll(/[.()!]/g, '\\$&').replaceAll(/\{(?:path|entry|folder|archive)\}/g, '.+').replaceAll(/\{[^}]+\}/g, '[^/]+').replace(/;k=v$/, ';.+')}$`).test(address);

describe('the table', () => {
  let node: LoneNode;
  beforeAll(async () => { node = await startLoneNode(); });
  afterAll(() => node[Symbol.asyncDispose]());

  it('names every call that nodes answer, formats\' own apart', () => {
    const documented = new Set(rows.filter(({ verdict }) => verdict !== 'absent').flatMap(({ calls }) => calls.map(({ method, path }) => `${method} ${shapeOf(addressOf(path))}`)));
    const served = node.routes.filter(({ method, url }) => method !== 'HEAD' && /^\/(?:artifactory\/api|access)\//.test(url) && !/^\/artifactory\/api\/(?:npm|pypi|docker|helm)\//.test(url));
    expect(served.length).toBeGreaterThan(100);
    expect(served.map(({ method, url }) => `${method} ${shapeOf(url)}`).filter((call) => !documented.has(call))).toEqual([]);
  });

  it('names no call that nodes do not answer', () => {
    const taken = ({ method, path }: { method: string; path: string }): boolean => node.routes.some((route) => (
      route.method === method && (route.url.startsWith('/artifactory/:') ? !path.startsWith('/api/') : true)
      && new RegExp(`^${route.url.replaceAll(/:[^/]+/g, '[^/]+').replace(/\*$/, '.+')}$`).test(filled(path).split(';')[0]!)
    ));
    const missing = rows.filter(({ verdict }) => verdict !== 'absent').flatMap(({ calls }) => calls).filter((call) => !taken(call));
    expect(missing).toEqual([]);
  });

  it('has an example for each call that is held against Artifactory, and no example for another', () => {
    expect(Object.keys(examples).sort()).toEqual(compared.map(({ title }) => title).sort());
    const untried = compared.flatMap(({ title, calls }) => calls.filter(({ method, path }) => (
      examples[title]?.some(({ ask }) => asked(ask).method === method && isOf(path, asked(ask).address)) !== true)).map(({ method, path }) => `${title}: ${method} ${path}`));
    expect(untried).toEqual([]);
  });
});

describe('through the balancer of three nodes', () => {
  let cluster: TestCluster;
  let asker: Asker;
  beforeAll(async () => {
    cluster = await startCluster();
    asker = { url: cluster.balancer.url, ...cluster.admin };
  });
  afterAll(() => cluster.stop());

  it.each(Object.entries(examples))('%s', async (_title, each) => {
    for (const example of each) {
      if (example.eventually !== undefined) await waitFor(example.ask, async () => (await send(asker, example)).status === example.status);
      expectAnswer(example, await send(asker, example));
    }
  });

  it('says of what is absent that it is not there', async () => {
    const wrong: string[] = [];
    for (const { method, path } of absent) {
      const ask = `${method} ${path.replace('{repo}', 'generic-local').replaceAll(/\{[^}]+\}/g, 'x')}`;
      const { status, text } = await send(asker, { ask });
      if (!/ROUTE_NOT_FOUND|METHOD_NOT_ALLOWED/.test(text)) wrong.push(`${ask}: ${String(status)} ${text.slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  });
});
