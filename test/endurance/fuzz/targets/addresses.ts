import type { Mutation } from '../mutation.ts';
import type { FuzzRequest } from '../request.ts';
import { ask, json, local, part, root, type Target, text, virtual } from '../target.ts';

const paths = [
  `/${local.generic}/a/b.txt`, `/${local.generic}/a/`, `/${local.generic}/archive.zip!/inside.txt`, `/${local.maven}/org/acme/lib/1.0/lib-1.0.pom`, `/${local.maven}/org/acme/lib/maven-metadata.xml`,
  `/${local.npm}/fuzz/-/fuzz-1.0.0.tgz`, `/api/storage/${local.generic}/a/b.txt`, `/api/storage/${local.generic}/a/?list&deep=1`, `/api/archive/download/${local.generic}/a`,
  `/api/npm/${local.npm}/fuzz`, `/api/npm/${local.npm}/@scope%2ffuzz/-/fuzz-1.0.0.tgz`, `/api/npm/${local.npm}/-/package/fuzz/dist-tags`, `/api/pypi/${local.pypi}/simple/fuzz/`, `/api/pypi/${local.pypi}/pypi/fuzz/1.0/json`,
  `/api/helm/${local.helm}/index.yaml`, `/${virtual.maven}/org/acme/lib/maven-metadata.xml`, `/api/trash/restore/${local.generic}/a/b.txt`, `/api/build/name/1`, `/list/${local.generic}/a/`,
];

/** Addresses of files and calls, one of them mutated anywhere; also without the context path. */
export const addresses: Target = (mutation) => {
  const method = mutation.random.weighted({ GET: 6, HEAD: 2, PUT: 2, DELETE: 2, OPTIONS: 0.3, PATCH: 0.5, POST: 0.5, TRACE: 0.1 });
  const target = mutation.text(mutation.random.pick(paths)!);
  return ask(method, mutation.chance(0.9) ? root + target : target, method === 'PUT' ? { body: text(mutation.odd()) } : {});
};

const versions = ['1.0.0', '1.0-SNAPSHOT', '1.0-20260101.120000-1', '1.0.0-alpha.1+build.5', '1!2.0.post1.dev3+local', '[1.0,2.0)', '1.0.*', '(,1.0],[1.2,)', 'latest.release'];

/** Versions wherever one is read: in paths, in search calls, in what packages are called. */
export const versionsAnywhere: Target = (mutation) => {
  const version = mutation.maybe(mutation.random.pick(versions)!, 0.8);
  const v = part(mutation, version);
  const choice = mutation.random.weighted({ maven: 4, search: 4, npm: 2, tag: 2, pypi: 2, helm: 2 });
  const requests: Record<typeof choice, () => FuzzRequest> = {
    maven: () => ask(mutation.chance(0.7) ? 'PUT' : 'GET', `${root}/${local.maven}/org/acme/lib/${v}/lib-${v}.${mutation.random.pick(['jar', 'pom', 'module', 'jar.sha1'])}`, { body: text('x') }),
    search: () => ask('GET', `${root}/api/search/${mutation.random.pick(['versions', 'latestVersion', 'gavc'])}?g=org.acme&a=lib&v=${v}&repos=${local.maven}`),
    npm: () => ask('GET', `${root}/api/npm/${mutation.random.pick([local.npm, virtual.npm])}/fuzz/${v}`),
    tag: () => ask('PUT', `${root}/api/npm/${local.npm}/-/package/fuzz/dist-tags/${part(mutation, mutation.maybe('beta'))}`, { headers: json, body: text(JSON.stringify(version)) }),
    pypi: () => ask('GET', `${root}/api/pypi/${local.pypi}/pypi/fuzz/${v}/json`),
    helm: () => ask('PUT', `${root}/${local.helm}/fuzz-${v}.tgz`, { body: text('no archive') }),
  };
  return requests[choice]();
};

const properties = ['a=1', 'a=1;b=2', 'a=1,2,3|b=2', 'qa.by=me;when=2026', 'a+=1', 'a\\,b=c\\;d', 'a='];

/** Property strings, in each place that takes them. */
export const propertyStrings: Target = (mutation) => {
  const given = mutation.maybe(mutation.random.pick(properties)!, 0.85);
  const p = part(mutation, given);
  const file = `${local.generic}/a/b.txt`;
  const choice = mutation.random.weighted({ matrix: 3, put: 3, get: 2, delete: 1, search: 2, patch: 2, read: 2 });
  const requests: Record<typeof choice, () => FuzzRequest> = {
    matrix: () => ask('PUT', `${root}/${local.generic}/p/q.txt;${mutation.chance(0.5) ? given.replace(/[\ud800-\udfff]/g, '') : p}`, { body: text('x') }),
    read: () => ask('GET', `${root}/${file};${p}`),
    put: () => ask('PUT', `${root}/api/storage/${file}?properties=${p}&recursive=${mutation.maybe('1', 0.1)}`),
    get: () => ask('GET', `${root}/api/storage/${file}?properties=${p}`),
    delete: () => ask('DELETE', `${root}/api/storage/${file}?properties=${p}`),
    search: () => ask('GET', `${root}/api/search/prop?${part(mutation, mutation.maybe('a'))}=${p}&repos=${local.generic}`),
    patch: () => ask('PATCH', `${root}/api/metadata/${file}`, { headers: json, body: text(mutation.jsonText({ props: { a: ['1', '2'], b: null } })) }),
  };
  return requests[choice]();
};

/** Everything of the search that takes patterns, dates and checksums. */
export const searches: Target = (mutation: Mutation) => {
  const value = (sample: string): string => part(mutation, mutation.maybe(sample, 0.7));
  const repos = mutation.chance(0.5) ? `&repos=${value(local.generic)}` : '';
  const query = mutation.random.pick([
    `artifact?name=${value('*.txt')}`, `checksum?sha256=${value('0'.repeat(64))}`, `checksum?md5=${value('0'.repeat(32))}`, `pattern?pattern=${value('generic-local:a/**/*.txt')}`,
    `gavc?g=${value('org.acme')}&a=${value('lib*')}&c=${value('sources')}`, `dates?dateFields=${value('created,lastModified')}&from=${value('0')}&to=${value('1800000000000')}`, `creation?from=${value('0')}`, `usage?notUsedSince=${value('1')}`,
  ]);
  return ask('GET', `${root}/api/search/${query}${repos}`);
};
