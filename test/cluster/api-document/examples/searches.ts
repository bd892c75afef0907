import { digest, text, time, uri, type Example, type Examples } from '../example.ts';

const content = 'documented search';
const jar = 'maven-releases/org/documented/lib/1.0/lib-1.0.jar';
const begin = String(Date.now() - 60_000);
const found = { uri: uri(`/api/storage/${jar}`) };
const put: Example = { ask: `PUT /${jar};kind=documented`, body: content, status: 201 };
const search = (query: string, json: unknown): Example => ({ ask: `GET /api/search/${query}`, status: 200, json });

export const searches: Examples = {
  'GET /api/search/artifact?name=&repos=': [
    put, search('artifact?name=lib-1.0&repos=maven-releases', { results: [found] }), search('artifact?name=LIB-?.0.jar', { results: [found] }), search('artifact?name=lib-1.0&repos=generic-local', { results: [] }),
    { ask: 'GET /api/search/artifact?name=lib-1.0', headers: { 'x-result-detail': 'info, properties' }, status: 200, json: { results: [{ ...found, repo: 'maven-releases', size: String(content.length), properties: { kind: ['documented'] } }] } },
    { ask: 'GET /api/search/artifact', status: 400, code: 'PARAMETER_INVALID' },
  ],
  'GET /api/search/checksum?md5=|sha1=|sha256=&repos=': [
    put, ...(['md5', 'sha1', 'sha256'] as const).map((algorithm) => search(`checksum?${algorithm}=${digest(algorithm, content)}`, { results: [found] })), search(`checksum?sha1=${digest('sha1', 'none')}`, { results: [] }),
  ],
  'GET /api/search/prop?k=v&repos=': [put, search('prop?kind=documented&repos=maven-releases', { results: [found] }), search('prop?kind=doc*', { results: [found] }), search('prop?kind=other', { results: [] })],
  'GET /api/search/pattern?pattern=repo:glob': [
    put, search('pattern?pattern=maven-releases:org/documented/*/*/*.jar', { repoUri: uri('/maven-releases'), sourcePattern: 'maven-releases:org/documented/*/*/*.jar', files: ['org/documented/lib/1.0/lib-1.0.jar'] }),
  ],
  'GET /api/search/gavc?g=&a=&v=&c=&repos=': [
    put, search('gavc?g=org.documented&a=lib&v=1.0', { results: [found] }), search('gavc?g=org.documented&c=sources', { results: [] }), { ask: 'GET /api/search/gavc?v=1.0', status: 400, code: 'PARAMETER_INVALID' },
  ],
  'GET /api/search/versions?g=&a=&v=&repos=, GET /api/search/latestVersion?g=&a=&v=&repos=': [
    put, search('versions?g=org.documented&a=lib', { results: [{ version: '1.0', integration: false }] }),
    { ask: 'GET /api/search/latestVersion?g=org.documented&a=lib', status: 200, text: /^1\.0$/ },
    { ask: 'GET /api/search/latestVersion?g=org.documented&a=none', status: 404, code: 'VERSIONS_NOT_FOUND' },
  ],
  'GET /api/search/creation?from=&to=&repos=': [put, search(`creation?from=${begin}&repos=maven-releases`, { results: [{ ...found, created: time }] }), search('creation?from=1&to=2', { results: [] })],
  'GET /api/search/dates?dateFields=created,lastModified,lastDownloaded&from=&to=&repos=': [
    put, search(`dates?dateFields=created,lastModified&from=${begin}&repos=maven-releases`, { results: [{ ...found, created: time, lastModified: time }] }), search('dates?dateFields=lastDownloaded&from=1&to=2', { results: [] }),
  ],
  'GET /api/search/usage?notUsedSince=&createdBefore=&repos=': [put, search(`usage?notUsedSince=${String(Date.now() + 3_600_000)}&repos=maven-releases`, { results: [found] })],
  'POST /api/search/aql': [
    put,
    {
      ask: 'POST /api/search/aql', headers: { 'content-type': 'text/plain' }, body: 'items.find({"repo": "maven-releases", "@kind": "documented"}).include("name", "repo", "path", "actual_sha1", "size", "property")', status: 200,
      json: {
        results: [{ repo: 'maven-releases', path: 'org/documented/lib/1.0', name: 'lib-1.0.jar', actual_sha1: digest('sha1', content), size: content.length, properties: [{ key: 'kind', value: 'documented' }] }],
        range: { start_pos: 0, end_pos: 1, total: 1 },
      },
    },
    { ask: 'POST /api/search/aql', headers: { 'content-type': 'text/plain' }, body: 'builds.find({})', status: 400, code: 'PARAMETER_INVALID' },
  ],
};

const bin = '/generic-local/thrown/away.txt';
const throwAway: readonly Example[] = [{ ask: `PUT ${bin}`, body: 'thrown', status: 201 }, { ask: `DELETE ${bin}`, status: 204 }];

export const trashCan: Examples = {
  'POST /api/trash/restore/{repo}/{path}[?to=/{repo}/{path}]': [
    ...throwAway, { ask: `POST /api/trash/restore${bin}`, status: 200, text: 'Successfully restored trash items' }, { ask: `GET ${bin}`, status: 200 },
    { ask: `DELETE ${bin}`, status: 204 }, { ask: `POST /api/trash/restore${bin}?to=/generic-local/thrown/back.txt`, status: 200 }, { ask: 'GET /generic-local/thrown/back.txt', status: 200, text: 'thrown' },
    ...throwAway, { ask: `POST /api/trash/restore${bin}?to=/generic-local/thrown/back.txt`, status: 409, code: 'ARTIFACT_EXISTS' },
  ],
  'POST /api/trash/empty, DELETE /api/trash/clean/{repo}/{path}': [
    ...throwAway, { ask: `DELETE /api/trash/clean${bin}`, status: 200 }, { ask: `GET /auto-trashcan${bin}`, status: 404 },
    ...throwAway, { ask: 'POST /api/trash/empty', status: 200 }, { ask: `GET /auto-trashcan${bin}`, status: 404 },
  ],
  'GET, PUT /api/v1/settings/trash-can': [
    { ask: 'PUT /api/v1/settings/trash-can', body: { enabled: true, retentionDays: 7 }, status: 200 }, { ask: 'GET /api/v1/settings/trash-can', status: 200, json: { enabled: true, retentionDays: 7 } },
  ],
  'GET /auto-trashcan/{repo}/{path}, GET /api/storage/auto-trashcan/{repo}/{path}': [
    ...throwAway, { ask: `GET /auto-trashcan${bin}`, status: 200, text: 'thrown' },
    { ask: `GET /api/storage/auto-trashcan${bin}?properties`, status: 200, json: { properties: { 'trash.time': [text], 'trash.deletedBy': ['admin'], 'trash.originalRepository': ['generic-local'], 'trash.originalPath': ['thrown/away.txt'] } } },
  ],
};
