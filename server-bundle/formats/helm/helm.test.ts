import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildChart } from '../../../test/harness/charts.ts';
import { tar } from '../../../test/harness/python-packages.ts';
import { BulkheadError } from '../../contract/index.ts';
import type { FormatRepository, InspectedFile } from '../format.ts';
import { chartPieces } from './chart-pieces.ts';
import { chartIndex, type ChartEntry } from './chart-index.ts';
import { helm } from './index.ts';
import { inspectChart } from './inspect.ts';
import { helmRemote } from './remote.ts';
import { compareChartVersions, parseChartVersion } from './semver.ts';
import { readUpstreamIndex } from './upstream-index.ts';
import { yamlText, type Written } from './yaml-text.ts';

const at = new Date('2026-01-02T03:04:05Z');
const repository: FormatRepository = { id: 1, key: 'r', config: { remote: { url: 'https://charts.example.org/stable/' } } };

function fileOf(bytes: Buffer): InspectedFile {
  return { size: bytes.length, sha256: '', sha1: '', md5: '', open: async () => Readable.from([bytes]) };
}
const packed = (chart: string, name = 'c/Chart.yaml'): InspectedFile => fileOf(gzipSync(tar([[name, Buffer.from(chart)]])));

describe('versions of charts', () => {
  it('are ordered as SemVer 2 orders them', () => {
    const ordered = ['nonsense', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.0+a', '1.2', 'v1.10.0', '99999999999999999999.0.0'];
    for (let shift = 1; shift < ordered.length; shift += 1) {
      expect([...ordered.slice(shift), ...ordered.slice(0, shift)].sort(compareChartVersions)).toEqual(ordered);
    }
  });

  it.each(['', 'x', '1.0.0.0', '1.0.0-', '1.0.0-a..b', '1.0.0+', '../1', '1.0.0 '])('%j is none', (text) => { expect(parseChartVersion(text)).toBeNull(); });
});

describe('YAML that is written', () => {
  it('is read as what it was, by two readers', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1.10', 'true', 'no', '2026-01-01', '~', ': #', '- x', '\u0085\u2028\ufeff', '\x7f', '{}', '"', "'", '\t', ''));
    const { value } = fc.letrec<{ value: Written }>((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, text, fc.boolean(), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(text.filter((key) => key !== '__proto__'), tie('value'), { maxKeys: 4, noNullPrototype: true })),
    }));
    fc.assert(fc.property(fc.dictionary(text.filter((key) => key !== '__proto__'), value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), (mapping) => {
      // half of a pair of surrogates is no character, and comes back as the replacement for one
      const expected = JSON.parse(Buffer.from(JSON.stringify(mapping)).toString()) as unknown;
      const written = Buffer.from(yamlText(mapping)).toString();
      expect(load(written)).toEqual(expected);
      expect(parse(written, { maxAliasCount: 0, uniqueKeys: false })).toEqual(expected);
    }), { numRuns: 500 });
  });
});

describe('a chart', () => {
  it('gives the known fields of its Chart.yaml, as they are written', async () => {
    const { bytes } = buildChart('my-chart', '1.2.3', [
      'appVersion: 1.10', 'kubeVersion: ">=1.20"', 'deprecated: true', 'keywords: [a, 1.0, {x: y}]', 'maintainers:', '- name: M', '  email: m@example.org', '  phone: "1"',
      'dependencies:', '- name: d', '  version: 1e3', '  repository: https://x', '  enabled: true', '  tags: [t]', 'annotations: {a: "1", b: {c: d}}', 'unknown: &x [1]', 'other: *x', 'home: null',
    ]);
    expect(await inspectChart(repository, 'x/my-chart-1.2.3.tgz', fileOf(bytes))).toEqual({ chart: {
      apiVersion: 'v2', name: 'my-chart', version: '1.2.3', appVersion: '1.10', kubeVersion: '>=1.20', deprecated: true, keywords: ['a', '1.0'], home: 'null',
      maintainers: [{ name: 'M', email: 'm@example.org' }], dependencies: [{ name: 'd', version: '1e3', repository: 'https://x', tags: ['t'], enabled: true }], annotations: { a: '1' },
    } });
    expect(await inspectChart(repository, 'my-chart-1.2.3.tgz.prov', fileOf(Buffer.from('x')))).toBeNull();
  });

  it.each([
    ['no archive', fileOf(Buffer.from('x'))], ['without a Chart.yaml', packed('', 'c/values.yaml')], ['too deep', packed('name: a\nversion: 1.0.0\n', 'c/charts/d/Chart.yaml')],
    ['no YAML', packed('a: b: c')], ['no mapping', packed('- a')], ['without a version', packed('name: a\n')], ['with a bad version', packed('name: a\nversion: one\n')],
    ['with a bad name', packed('name: ../a\nversion: 1.0.0\n')], ['of aliases', packed(`a: &a [x]\n${'b: *a\n'.repeat(100)}name: a\nversion: 1.0.0\n`)],
    ['very deep', packed(`x: ${'['.repeat(200)}${']'.repeat(200)}\nname: a\nversion: 1.0.0\n`)], ['too large', packed(`name: a\nversion: 1.0.0\nx: ${'y'.repeat(2_000_000)}\n`)],
  ])('%s is refused', async (_what, file) => {
    await expect(inspectChart(repository, 'c.tgz', file)).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
  });

  it('ends in facts or a code, whatever its Chart.yaml is', async () => {
    const soup = fc.array(fc.constantFrom('name: a\n', 'version: 1.0.0\n', '- ', ': ', '&a ', '*a', '!!binary ', '{', '}', '[', ']', '|', '\n', '  ', '"', '<<: ', '? ', '---\n', '%YAML 1.2\n', '\t'), { maxLength: 20 });
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), soup.map((parts) => parts.join(''))), async (text) => {
      try {
        expect((await inspectChart(repository, 'c.tgz', packed(text)))?.chart.name).toBe('a');
      } catch (error) {
        expect(error).toBeInstanceOf(BulkheadError);
        expect(error).toMatchObject({ code: 'PACKAGE_INVALID' });
      }
    }), { numRuns: 500 });
  });
});

const upstreamIndex = `apiVersion: v1
entries:
  web:
  - {name: web, version: 1.0.0, digest: ${'A'.repeat(64)}, created: 2020-01-01T00:00:00Z, urls: [web-1.0.0.tgz]}
  - {name: web, version: 1.10.0, digest: sha256:${'b'.repeat(64)}, urls: ["https://charts.example.org/stable/sub/web-1.10.0.tgz"]}
  - {name: web, version: 1.2.0, created: never, urls: ["https://github.example.org/releases/web.tgz?x=1", second]}
  - {name: web, version: 1.3.0, urls: ["../up/web-1.3.0.tgz"]}
  - {name: web, version: 1.4.0, urls: ["oci://x/web"]}
  - {name: ../web, version: 1.4.0, urls: [x.tgz]}
  - nonsense
  empty: []
generated: 2020-01-01T00:00:00Z
`;

describe('an index', () => {
  it('of an upstream is written anew with our paths, newest first', async () => {
    const content = await helmRemote.document!(repository, 'index.yaml', { bytes: Buffer.from(upstreamIndex), modifiedAt: at }, 'http://x');
    const read = parse(content.bytes.toString()) as { entries: { web: { version: string; urls: string[]; digest?: string; created?: string }[] } };
    expect(Object.keys(read.entries)).toEqual(['web']);
    expect(read.entries.web.map(({ version, urls, digest, created }) => [version, urls, digest, created])).toEqual([
      ['1.10.0', ['sub/web-1.10.0.tgz'], 'b'.repeat(64), undefined], ['1.3.0', ['elsewhere/web/web-1.3.0.tgz'], undefined, undefined],
      ['1.2.0', ['elsewhere/web/web-1.2.0.tgz'], undefined, undefined], ['1.0.0', ['web-1.0.0.tgz'], 'a'.repeat(64), '2020-01-01T00:00:00Z'],
    ]);
    const upstream = (path: string) => helmRemote.upstream(repository, path, async () => Buffer.from(upstreamIndex));
    expect(await upstream('index.yaml')).toEqual({ url: 'https://charts.example.org/stable/index.yaml', kind: 'document' });
    expect(await upstream('web-1.0.0.tgz')).toEqual({ url: 'https://charts.example.org/stable/web-1.0.0.tgz', kind: 'file', expected: { sha256: 'a'.repeat(64) } });
    expect(await upstream('elsewhere/web/web-1.2.0.tgz')).toEqual({ url: 'https://github.example.org/releases/web.tgz?x=1', kind: 'file', expected: {} });
    expect(await upstream('elsewhere/web/web-1.2.0.tgz.prov')).toEqual({ url: 'https://github.example.org/releases/web.tgz.prov?x=1', kind: 'file' });
    expect(await upstream('elsewhere/web/web-1.3.0.tgz')).toMatchObject({ url: 'https://charts.example.org/up/web-1.3.0.tgz' });
    expect(await upstream('web-9.0.0.tgz')).toBeNull();
  });

  it('of several members has what the first one says of a version', () => {
    const entry = (version: string, digest: string): ChartEntry => ({ chart: { name: 'c', version }, path: `c-${version}.tgz`, created: null, digest });
    const parts = [[entry('1.0.0', 'one')], [entry('1.0.0', 'two'), entry('1.1.0', 'two')]].map((entries) => ({ repository, content: chartIndex(entries, at) }));
    const merged = parse(helm.merge!(repository, 'index.yaml', parts, '').bytes.toString()) as { entries: { c: { version: string; digest: string }[] } };
    expect(merged.entries.c.map(({ version, digest }) => `${version} ${digest}`)).toEqual(['1.1.0 two', '1.0.0 one']);
    expect(parse(chartIndex([], at).bytes.toString())).toEqual({ apiVersion: 'v1', entries: {}, generated: at.toISOString() });
  });

  it('is read in pieces as it is read in one go, and others have their turn meanwhile', async () => {
    const names = Array.from({ length: 300 }, (_, number) => `chart-${String(number)}`);
    const versions = Array.from({ length: 30 }, (_, number) => number);
    const body = names.map((name) => `  ${name}:\n${versions.map((number) => [
      '  - annotations:', '      images: |', '        - name: a', `          image: ${name}:`, `    description: "two`, `      lines: ${name}"`,
      '  # a comment', `    name: ${name}`, '    urls:', `    - ${name}-1.${String(number)}.0.tgz`, `    version: 1.${String(number)}.0`, '',
    ].join('\n')).join('')}`).join('\n');
    const text = `# index\napiVersion: v1\nentries: # all\n\n${body}generated: "2020-01-01T00:00:00Z"\nserverInfo: {}\n`;
    expect([...chartPieces(text)!]).toHaveLength(300);
    let turns = 0;
    const counting = setInterval(() => { turns += 1; }, 1);
    const pieces = await readUpstreamIndex(Buffer.from(text), 'https://x');
    clearInterval(counting);
    expect(turns).toBeGreaterThan(0);
    // the same as JSON has no lines to go by
    const whole = await readUpstreamIndex(Buffer.from(JSON.stringify(load(text))), 'https://x');
    expect(pieces.entries).toEqual(whole.entries);
    expect(pieces.entries).toHaveLength(9000);
    for (const empty of ['entries: {}\n', 'entries:\n  {}\n', '{"entries": {}}']) expect((await readUpstreamIndex(Buffer.from(empty), 'https://x')).entries).toEqual([]);
    await expect(readUpstreamIndex(Buffer.from('apiVersion: v1\n'), 'https://x')).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
  });

  it('ends in entries or a code, whatever upstream sends', async () => {
    const soup = fc.array(fc.constantFrom(...upstreamIndex.match(/\S+\s*/g)!, '&a ', '*a ', '\0', '__proto__: '), { maxLength: 40 });
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), soup.map((parts) => `entries:\n  a:\n  - ${parts.join('')}`)), async (text) => {
      try {
        const { entries } = await readUpstreamIndex(Buffer.from(text), 'https://x');
        parse(chartIndex(entries, at).bytes.toString());
      } catch (error) {
        expect(error).toMatchObject({ code: 'UPSTREAM_INVALID' });
      }
    }), { numRuns: 1000 });
  });
});
