import type { ArtifactItem } from '../../../electron/contract/index.ts';
import { fakeFiles, fakeRepositories, type FakeRepository } from './content-records.ts';
import { oddFiles, oddRepositories } from './odd-records.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

const hash = (text: string, length: number): string => {
  let value = 7;
  let made = '';
  while (made.length < length) {
    for (const letter of text) value = (value * 31 + letter.charCodeAt(0)) % 4_294_967_291;
    made += value.toString(16).padStart(8, '0');
  }
  return made.slice(0, length);
};

/** Repositories, what is in them, uploads. */
export function fakeContent(world: FakeWorld): FakePart {
  let repositories: FakeRepository[] = world.scenario === 'one' ? [] : fakeRepositories();
  const odd = world.scenario === 'lan-odd';
  if (odd) repositories.push(...oddRepositories());
  const files = new Map([...fakeFiles(), ...(odd ? oddFiles() : [])]);
  const annotated = new Map<string, Record<string, string[]>>();
  const uploads = new Map<string, { repository: string; path: string; size: number }>();
  const find = (key: string): FakeRepository => {
    const found = repositories.find(({ summary }) => summary.key === key);
    if (found === undefined) throw refusal('REPOSITORY_NOT_FOUND', `There is no repository ${key}`, 'List repositories.');
    return found;
  };
  const below = (path: string): string[] => [...files.keys()].filter((file) => path === '' || file.startsWith(`${path}/`));
  const stamps = { created: '2026-11-17T09:14:08.000Z', createdBy: 'ci-billing', modified: '2026-11-17T09:14:08.000Z', modifiedBy: 'ci-billing' };
  const item = (repository: string, path: string): ArtifactItem => {
    const size = files.get(path);
    const { summary } = find(repository);
    if (size !== undefined) {
      return {
        kind: 'file', repository, path, ...stamps, size, mimeType: path.endsWith('.pom') ? 'application/x-maven-pom+xml' : 'application/java-archive', downloadUri: `${summary.url}/${path}`,
        properties: annotated.get(path) ?? { 'build.name': ['billing'], 'build.number': ['1184'], 'vcs.revision': ['9f31c0e7'] },
        checksums: { sha256: hash(path, 64), sha1: hash(path, 40), md5: hash(path, 32) }, declared: { sha256: hash(path, 64), sha1: hash(path, 40), md5: null },
      };
    }
    const inside = below(path).map((file) => file.slice(path === '' ? 0 : path.length + 1));
    if (inside.length === 0 && path !== '') throw refusal('ARTIFACT_NOT_FOUND', `There is nothing at ${repository}/${path}`, 'Check repository and path.');
    const names = new Map(inside.map((file) => [file.split('/')[0] ?? '', file.includes('/')]));
    return { kind: 'folder', repository, path, ...stamps, properties: annotated.get(path) ?? {}, children: summary.packageType === 'maven' ? [...names].map(([name, folder]) => ({ name, folder })) : [] };
  };
  return {
    answers: {
      'repositories.list': async () => {
        if (world.scenario === 'slow') await wait(60_000);
        if (world.scenario === 'lan-trouble') throw refusal('CLUSTER_UNREACHABLE', 'https://art-1.lan:8081/artifactory does not answer', 'Start a node, or check the network.');
        return { repositories: repositories.map(({ summary }) => summary).toSorted((a, b) => a.key.localeCompare(b.key)), usageKnown: true };
      },
      'repositories.show': ({ key }) => find(key).settings,
      'repositories.create': async ({ key, settings }) => {
        await wait(200);
        const made = { key, ...settings };
        const text = (name: string): string => (typeof settings[name] === 'string' ? settings[name] : '');
        repositories = [...repositories, { settings: made, summary: { key, rclass: text('rclass') === 'remote' ? 'remote' : text('rclass') === 'virtual' ? 'virtual' : 'local', packageType: text('packageType'), description: text('description'), url: `https://art.lan/artifactory/${key}`, usage: { files: 0, folders: 0, bytes: 0 } } }];
        return made;
      },
      'repositories.change': async ({ key, settings }) => {
        await wait(200);
        const changed = { ...find(key).settings, ...settings };
        repositories = repositories.map((each) => (each.summary.key === key ? { ...each, settings: changed } : each));
        return changed;
      },
      'repositories.effect': ({ key }) => ({
        key, rclass: find(key).summary.rclass, usage: find(key).summary.usage, permissions: ['ci-deploy'],
        memberOf: repositories.filter(({ settings }) => JSON.stringify(settings['repositories'] ?? []).includes(`"${key}"`)).map(({ summary }) => summary.key),
        deployTargetOf: repositories.filter(({ settings }) => settings['defaultDeploymentRepo'] === key).map(({ summary }) => summary.key),
        clients: [{ user: 'ci-billing', address: '10.0.4.61', lastSeen: new Date(Date.now() - 180_000).toISOString() }, { user: 'm.weber', address: '10.0.7.12', lastSeen: new Date(Date.now() - 90_000_000).toISOString() }],
      }),
      'repositories.remove': async ({ key }) => {
        await wait(300);
        repositories = repositories.filter(({ summary }) => summary.key !== key);
        return {};
      },
      'artifacts.item': ({ repository, path }) => item(repository, path),
      'artifacts.effect': ({ repository, path }) => {
        const found = item(repository, path);
        const inside = found.kind === 'file' ? [path] : below(path);
        return { files: inside.length, bytes: inside.reduce((sum, file) => sum + (files.get(file) ?? 0), 0), trash: true };
      },
      'artifacts.remove': async ({ path }) => {
        await wait(200);
        for (const file of [...files.keys()]) if (file === path || file.startsWith(`${path}/`)) files.delete(file);
        return {};
      },
      'artifacts.annotate': ({ repository, path, set = {}, remove = [] }) => {
        const long = Object.entries(set).find(([, values]) => values.some((value) => value.length > 1000));
        if (long !== undefined) throw refusal('PROPERTY_INVALID', `Property '${long[0]}': a value has 1024 bytes at most`, 'See the rules of names and values.', { name: long[0], message: 'a value has 1024 bytes at most', field: 'value' });
        annotated.set(path, { ...Object.fromEntries(Object.entries(item(repository, path).properties ?? {}).filter(([name]) => !remove.includes(name))), ...set });
        return {};
      },
      'artifacts.search': ({ question }) => {
        const words = question.by === 'name' ? question.name : question.by === 'path' ? question.pattern : '';
        const pattern = new RegExp(`^${words.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}`);
        const found = [...files].filter(([path]) => words === '' || pattern.test(question.by === 'name' ? path.slice(path.lastIndexOf('/') + 1) : path));
        if (words === 'x') throw refusal('SEARCH_TOO_BROAD', 'The search took too long', 'Search in one repository, or for a longer name.');
        return { found: found.map(([path, size]) => ({ repository: 'maven-releases', path, kind: 'file' as const, size, modified: stamps.modified })), truncated: found.length > 60 };
      },
      'trash.settings': () => ({ enabled: true, retentionDays: 14 }),
      'trash.configure': () => ({}),
      'trash.restore': () => ({}),
      'trash.remove': () => ({}),
      'trash.empty': () => ({}),
      'uploads.taken': ({ paths }) => paths.filter((path) => files.has(path)),
      'uploads.begin': ({ repository, path, size, replace }) => {
        if (files.has(path) && replace !== true) throw refusal('ARTIFACT_EXISTS', `There is a file at ${repository}/${path}`, 'Replace it, or choose another name.');
        const uploadId = `u${uploads.size + 1}`;
        uploads.set(uploadId, { repository, path, size });
        return { uploadId, maxSliceBytes: 4_194_304 };
      },
      'uploads.finish': ({ uploadId }) => {
        const { repository, path, size } = uploads.get(uploadId) ?? { repository: '', path: '', size: 0 };
        files.set(path, size);
        return { repository, path, size, sha256: hash(path, 64), downloadUri: `https://art.lan/artifactory/${repository}/${path}` };
      },
      'uploads.cancel': () => ({}),
    },
    streams: {},
  };
}
