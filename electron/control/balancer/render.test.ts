import { join } from 'node:path';
import { expect, it } from 'vitest';
import { balancerOptions, lanSettings } from '../../contract/index.ts';
import { modelOf } from './model.ts';
import { render } from './render.ts';
import { rendering } from './rendering.ts';
import { readStamp } from './stamp.ts';
import { products, variantModel, variants, withTls } from './testing/variants.ts';

const all = { ...variants, tls: withTls('/etc/ssl/private/artifacts.pem') };
const { draining } = variants;
const settings = lanSettings.parse({ name: 'art', filestore: '/srv/art', database: { host: 'db' } });
const cases = products.flatMap((product) => Object.entries(all).map(([name, variant]) => [product, name, variant] as const));

it.each(cases)('%s, %s: is what was looked at', async (product, name, variant) => {
  await expect(render(variantModel(product, variant))).toMatchFileSnapshot(join(import.meta.dirname, 'testing', 'golden', `${product}-${name}.conf`));
});

it.each(products)('%s: tells what it is, and whether somebody has changed it', (product) => {
  const model = variantModel(product, draining);
  const text = render(model);
  expect(readStamp(text)).toMatchObject({ edited: false, stamp: { product, cluster: 'artifacts', options: { cookie: 'ROUTE_42' }, backends: [{ nodeId: 'node-1', url: 'http://10.0.4.11:8081', state: 'draining' }, { state: 'serving' }] } });
  expect(readStamp(text.replace('10.0.4.12', '10.0.4.13'))?.edited).toBe(true);
  expect(readStamp(`${text}\n# by hand\n`)?.edited).toBe(true);
  expect(readStamp('server { }\n')).toBeNull();
});

it.each(products)('%s: is the same from every desktop, under whatever id and in whatever order that knows the cluster and its nodes', (product) => {
  const [one, other] = ['one', 'other'].map((clusterId) => {
    const backends = [{ nodeId: 'a', url: 'http://10.0.0.1:8081', state: 'serving' as const }, { nodeId: 'b', url: 'http://10.0.0.2:8081', state: 'serving' as const }];
    return rendering({ clusterId, settings, nodes: [] }, product, balancerOptions.parse({}), clusterId === 'one' ? backends : backends.reverse()).files;
  });
  expect(one).toEqual(other);
});

const hostile = ['a;b', 'a b', 'a\nb', 'a"b', "a'b", 'a{b', 'a}b', '$a', '`id`', 'a\\b', '#a', '../a', 'a>b', '%{ENV:X}', 'é', '', 'a\u0000', '*'];

it.each(products)('%s: takes every name of a machine that a host can be added under', (product) => {
  for (const host of ['node_1.lan', '_node-1.lan', 'node-1.lan.', 'n-.lan', 'NODE.lan', '10.0.0.1', '[fd00::1]']) {
    expect([host, render(modelOf({ product, clusterName: 'art', options: balancerOptions.parse({}), backends: [{ nodeId: 'one', url: `http://${host}:8081`, state: 'serving' }] })).includes(`${host.toLowerCase()}:8081`)]).toEqual([host, true]);
  }
});

it.each(products)('%s: takes no name, path or address that could end a word of its configuration', (product) => {
  const backend = { nodeId: 'one', url: 'http://10.0.0.1:8081', state: 'serving' as const };
  const base = { product, clusterName: 'art', options: balancerOptions.parse({}), backends: [backend] };
  for (const text of hostile) {
    const refused: unknown[] = [
      balancerOptions.safeParse({ serverNames: [text] }).success, balancerOptions.safeParse({ cookie: text }).success,
      balancerOptions.safeParse({ tls: { certificate: `/etc/${text}`, key: '/etc/key' } }).success && !/^[^;{}"'\\$#`\s>%]*$/.test(text),
      text !== '*' && balancerOptions.safeParse({ listen: { address: text } }).success,
      accepts(() => modelOf({ ...base, clusterName: text })),
      accepts(() => modelOf({ ...base, backends: [{ ...backend, nodeId: text }] })),
      accepts(() => modelOf({ ...base, backends: [{ ...backend, url: `http://${text}:8081` }] })),
      accepts(() => modelOf({ ...base, backends: [{ ...backend, url: `http://10.0.0.1:8081/${text}?x` }] })),
    ];
    expect([text, refused]).toEqual([text, refused.map(() => false)]);
  }
  expect(accepts(() => modelOf({ ...base, backends: [backend, backend] }))).toBe(false);
});

/** Whatever passes the schemas and the model leaves no word open: one line in, one line out, and no stray quote or brace. */
it('renders random models into balanced text', () => {
  const random = generator(20_260);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const word = (): string => Array.from({ length: 1 + Math.floor(random() * 12) }, () => pick(Array.from('abcxyz0189-'))).join('').replace(/^-+|-+$/g, 'a');
  for (let round = 0; round < 300; round += 1) {
    const backends = Array.from({ length: Math.floor(random() * 5) }, (_, at) => ({
      nodeId: `n${at}-${word()}`, url: pick([`http://10.1.${at}.1:${1024 + at}`, `http://[fd00::${at + 1}]:8081`, `http://${word()}.lan:9000`]), state: pick(['serving', 'draining'] as const),
    }));
    const options = balancerOptions.parse({
      serverNames: Array.from({ length: Math.floor(random() * 3) }, () => `${pick(['', '*.'])}${word()}.example.com`), sticky: random() < 0.7, dockerPaths: random() < 0.5,
      cookie: `C${word().replaceAll('-', '_')}`, largeBodyBytes: Math.floor(random() * 10 ** (1 + Math.floor(random() * 9))), listen: { port: 1 + Math.floor(random() * 65_000) },
    });
    for (const product of products) {
      const text = render(modelOf({ product, clusterName: word(), options, backends }));
      const code = text.split('\n').filter((line) => !line.trimStart().startsWith('#')).join('\n');
      for (const [open, close] of product === 'haproxy' ? [['"', '"'], ['{ ', ' }']] as const : [['"', '"']] as const) {
        expect(open === close ? (code.split(open).length - 1) % 2 : code.split(open).length - code.split(close).length).toBe(0);
      }
      for (const { nodeId } of backends) expect(text).toContain(`"nodeId":"${nodeId}"`);
      expect(readStamp(text)?.edited).toBe(false);
    }
  }
});

function accepts(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}

/** The same numbers every time (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
