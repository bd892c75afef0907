import { createHash } from 'node:crypto';
import { buildChart } from '../../../harness/charts.ts';
import { npmTarball, publishBody } from '../../../harness/npm-packages.ts';
import { buildSdist, buildWheel } from '../../../harness/python-packages.ts';
import { makeTgz } from '../../../harness/archives.ts';
import type { Json, Mutation } from '../mutation.ts';
import { ask, json, local, root, type Target, text } from '../target.ts';

const versionOf = (mutation: Mutation): string => `${String(mutation.random.below(50))}.${String(mutation.random.below(50))}.${String(mutation.random.below(10_000))}`;

/** Publications of npm packages: the document, the manifest inside the tarball, or the tarball's bytes are damaged. */
export const packuments: Target = (mutation) => {
  const manifest = { name: 'fuzz', version: versionOf(mutation), bin: { a: 'b' }, dependencies: { a: '^1' }, scripts: { install: 'x' }, keywords: ['a'], repository: { type: 'git', url: 'x' } };
  const inside = mutation.chance(0.4) ? mutation.document(manifest) : manifest;
  let tarball = mutation.chance(0.1) ? makeTgz([{ name: mutation.text('package/package.json'), content: JSON.stringify(inside) }]) : npmTarball(inside as Record<string, unknown>);
  if (mutation.chance(0.25)) tarball = mutation.bytes(tarball);
  const sent = publishBody(manifest, tarball, mutation.chance(0.5) ? { dist: {} } : {});
  const body = mutation.chance(0.6) ? mutation.jsonText(JSON.parse(sent) as Json) : sent;
  const path = mutation.chance(0.1) ? mutation.text('fuzz') : 'fuzz';
  if (mutation.chance(0.1)) return ask('PUT', `${root}/api/npm/${local.npm}/fuzz/-rev/${encodeURIComponent(mutation.odd().replace(/[\ud800-\udfff]/g, ''))}`, { headers: json, body: text(mutation.jsonText({ name: 'fuzz', versions: {}, 'dist-tags': {} })) });
  if (mutation.chance(0.2)) return ask('PUT', `${root}/${local.npm}/fuzz/-/fuzz-${manifest.version}.tgz`, { body: tarball });
  return ask('PUT', `${root}/api/npm/${local.npm}/${path}`, { headers: json, body: text(body) });
};

/** Uploads to a Python index: fields, boundaries, file names, and what is inside of wheels and source archives. */
export const multipart: Target = (mutation) => {
  const source = { name: 'fuzz', version: versionOf(mutation), requiresPython: '>=3' };
  const built = mutation.chance(0.5) ? buildWheel(source) : buildSdist(source);
  const bytes = mutation.chance(0.4) ? mutation.bytes(built.bytes) : built.bytes;
  const boundary = mutation.chance(0.9) ? 'abcdef0123' : mutation.odd();
  const fields: [string, string][] = [
    [':action', 'file_upload'], ['protocol_version', '1'], ['metadata_version', '2.1'], ['name', source.name], ['version', source.version], ['filetype', built.fileName.endsWith('.whl') ? 'bdist_wheel' : 'sdist'], ['pyversion', 'py3'],
    ['sha256_digest', createHash('sha256').update(bytes).digest('hex')], ['requires_python', '>=3'], ['summary', 'x'],
  ];
  const damaged = fields.map(([name, value]): [string, string] => [mutation.chance(0.03) ? mutation.text(name) : name, mutation.chance(0.12) ? mutation.text(value) : value]).filter(() => !mutation.chance(0.04));
  if (mutation.chance(0.05)) damaged.push(...Array.from({ length: 3000 }, (_, at): [string, string] => [`classifiers`, `x${String(at)}`]));
  const fileName = mutation.chance(0.15) ? mutation.text(built.fileName) : built.fileName;
  const parts = [
    ...damaged.map(([name, value]) => text(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)),
    text(`--${boundary}\r\nContent-Disposition: form-data; name="content"; filename="${fileName}"\r\nContent-Type: application/octet-stream\r\n\r\n`), bytes, text(`\r\n--${boundary}--\r\n`),
  ];
  const body = Buffer.concat(parts);
  const type = `multipart/form-data; boundary=${boundary.replace(/[\r\n]/g, '')}`;
  return ask('POST', `${root}/api/pypi/${local.pypi}/`, { headers: [['Content-Type', mutation.chance(0.1) ? mutation.text(type) : type]], body: mutation.chance(0.25) ? mutation.bytes(body) : body });
};

const pom = '<?xml version="1.0" encoding="UTF-8"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><parent><groupId>org.acme</groupId><artifactId>p</artifactId><version>1</version></parent>'
  + '<groupId>org.acme</groupId><artifactId>lib</artifactId><version>1.0</version><packaging>maven-plugin</packaging><name>lib</name><build><plugins><plugin><configuration><goalPrefix>lib</goalPrefix></configuration></plugin></plugins></build></project>';
const metadata = '<?xml version="1.0"?><metadata><groupId>org.acme</groupId><artifactId>lib</artifactId><versioning><latest>1.0</latest><release>1.0</release><versions><version>1.0</version></versions><lastUpdated>20260101000000</lastUpdated></versioning></metadata>';
const bomb = `<!DOCTYPE z [<!ENTITY a "${'x'.repeat(1000)}">${'bcdefgh'.split('').map((name, at) => `<!ENTITY ${name} "${`&${'abcdefgh'[at]!};`.repeat(10)}">`).join('')}]>`;

/** POMs and Maven's metadata: damaged, with entities, deep. */
export const xml: Target = (mutation) => {
  const [path, sample] = mutation.random.pick([['org/acme/lib/1.0/lib-1.0.pom', pom], ['org/acme/lib/maven-metadata.xml', metadata], ['org/acme/lib/1.0-SNAPSHOT/maven-metadata.xml', metadata]] as const)!;
  let body = mutation.maybe(sample, 0.85);
  if (mutation.chance(0.1)) body = body.replace(/(<project|<metadata)/, `${bomb}$1`).replace('lib<', '&h;<');
  if (mutation.chance(0.05)) body = `${'<a>'.repeat(20_000)}${mutation.chance(0.5) ? '</a>'.repeat(20_000) : ''}`;
  const bytes = mutation.chance(0.2) ? mutation.bytes(text(body)) : text(body);
  return mutation.chance(0.8) ? ask('PUT', `${root}/${local.maven}/${path}`, { body: bytes }) : ask('GET', `${root}/${local.maven}/${path}`);
};

const chartYaml = ['apiVersion: v2', 'name: fuzz', 'description: a chart', 'keywords: [a, b]', 'maintainers:', '  - name: me', '    email: me@example.org', 'dependencies:', '  - {name: d, version: "1", repository: "https://x"}', 'annotations: {a: b}'];
const anchors = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.split('').map((name, at) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[at]!}`).join(',')}]`).join('\n')}\n`;

/** Charts whose Chart.yaml, or whose archive, is damaged. */
export const yaml: Target = (mutation) => {
  const version = versionOf(mutation);
  let chart = [...chartYaml, `version: ${version}`, ''].join('\n');
  if (mutation.chance(0.8)) chart = mutation.text(chart);
  if (mutation.chance(0.06)) chart = anchors + chart;
  if (mutation.chance(0.04)) chart = `${'- '.repeat(5000)}a\n${chart}`;
  const built = mutation.chance(0.85) ? makeTgz([{ name: mutation.chance(0.05) ? mutation.text('fuzz/Chart.yaml') : 'fuzz/Chart.yaml', content: chart }]) : buildChart('fuzz', version).bytes;
  if (mutation.chance(0.1)) return ask('GET', `${root}/${mutation.chance(0.5) ? '' : 'api/helm/'}${local.helm}/index.yaml`);
  return ask('PUT', `${root}/${local.helm}/fuzz-${version}.tgz`, { body: mutation.chance(0.15) ? mutation.bytes(built) : built });
};


