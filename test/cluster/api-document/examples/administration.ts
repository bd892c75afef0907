import { expect } from 'vitest';
import { text, time, uri, type Example, type Examples } from '../example.ts';

const local = { rclass: 'local', packageType: 'generic' };
const created = (key: string, settings: object = local): Example => ({ ask: `PUT /api/repositories/${key}`, body: settings, status: 200, text: `Successfully created repository '${key}'` });
const removed = (key: string): Example => ({ ask: `DELETE /api/repositories/${key}`, status: 200, text: `Repository ${key} and all its content have been removed successfully.` });
const listed = (key: string, type: string): unknown => expect.arrayContaining([{ key, type, url: uri(`/${key}`), packageType: 'Generic' }]);
const build = { version: '1.0.1', name: 'documented', number: '7', started: '2026-01-02T03:04:05.678+0100', agent: { name: 'curl' }, modules: [] };
const published: Example = { ask: 'PUT /api/build', body: build, status: 204 };

export const repositories: Examples = {
  'GET /api/repositories?type=&packageType=': [
    created('documented-list'),
    { ask: 'GET /api/repositories', status: 200, json: listed('documented-list', 'LOCAL') },
    { ask: 'GET /api/repositories?type=local&packageType=generic', status: 200, json: listed('documented-list', 'LOCAL') },
    // the JFrog command line asks so for all
    { ask: 'GET /api/repositories?type=&packageType=', status: 200, json: listed('documented-list', 'LOCAL') },
    { ask: 'GET /api/repositories?type=remote', status: 200, json: [] },
    removed('documented-list'),
  ],
  'GET, HEAD, PUT, POST, DELETE /api/repositories/{key}': [
    created('documented'),
    { ask: 'GET /api/repositories/documented', status: 200, json: { key: 'documented', ...local, description: '', includesPattern: '**/*', excludesPattern: '' }, answerHeaders: { 'content-type': expect.stringMatching(/LocalRepositoryConfiguration\+json/i) as unknown } },
    { ask: 'HEAD /api/repositories/documented', status: 200 },
    { ask: 'POST /api/repositories/documented', body: { description: 'changed' }, status: 200, text: 'Repository documented update successfully.' },
    { ask: 'GET /api/repositories/documented', status: 200, json: { description: 'changed' } },
    removed('documented'),
    { ask: 'GET /api/repositories/documented', status: 404, code: 'REPOSITORY_NOT_FOUND' },
  ],
  'GET /api/repositories/configurations?repoType=&packageType=': [
    created('documented-configured'),
    { ask: 'GET /api/repositories/configurations?repoType=local&packageType=generic', status: 200, json: { LOCAL: expect.arrayContaining([expect.objectContaining({ key: 'documented-configured' })]) as unknown, REMOTE: [], VIRTUAL: [] } },
    { ask: 'GET /api/repositories/configurations?repoType=&packageType=', status: 200, json: { LOCAL: expect.arrayContaining([expect.objectContaining({ key: 'documented-configured' })]) as unknown } },
    removed('documented-configured'),
  ],
  'PUT, POST, DELETE /api/v2/repositories/batch': [
    { ask: 'PUT /api/v2/repositories/batch', body: [{ key: 'batch-1', ...local }, { key: 'batch-2', ...local }], status: 201 },
    { ask: 'PUT /api/v2/repositories/batch', body: [{ key: 'batch-3', ...local }, { key: 'batch-2', ...local }], status: 409 },
    { ask: 'GET /api/repositories/batch-3', status: 404 },
    { ask: 'POST /api/v2/repositories/batch', body: [{ key: 'batch-1', description: 'changed' }], status: 200 },
    { ask: 'DELETE /api/v2/repositories/batch', body: ['batch-1', 'batch-2'], status: 200 },
  ],
};

export const builds: Examples = {
  'PUT /api/build': [published, { ask: 'PUT /api/build', body: { name: 'x' }, status: 400, code: 'BODY_INVALID' }],
  'GET /api/build': [published, { ask: 'GET /api/build', status: 200, json: { uri: uri('/api/build'), builds: [{ uri: '/documented', lastStarted: time }] } }],
  'GET /api/build/{name}, GET /api/build/{name}/{number}[?started=]': [
    published,
    { ask: 'GET /api/build/documented', status: 200, json: { uri: uri('/api/build/documented'), buildsNumbers: [{ uri: '/7', started: time }] } },
    { ask: 'GET /api/build/documented/7', status: 200, json: { uri: uri('/api/build/documented/7'), buildInfo: build } },
    { ask: 'GET /api/build/documented/7?started=2026-01-02T03:04:05.678%2B0100', status: 200, json: { buildInfo: build } },
    { ask: 'GET /api/build/none', status: 404, code: 'BUILD_NOT_FOUND' },
  ],
  'DELETE /api/build/{name}?buildNumbers=|deleteAll=1': [
    published, { ask: 'DELETE /api/build/documented?buildNumbers=7', status: 200, text: 'documented#7' }, { ask: 'GET /api/build/documented/7', status: 404 },
    published, { ask: 'DELETE /api/build/documented?deleteAll=1', status: 200 }, { ask: 'DELETE /api/build/documented?deleteAll=1&artifacts=1', status: 400, code: 'PARAMETER_INVALID' },
  ],
};

export const system: Examples = {
  'GET, POST /api/system/ping': [{ ask: 'GET /api/system/ping', status: 200, text: /^OK$/ }, { ask: 'POST /api/system/ping', status: 200, text: /^OK$/ }],
  'GET /api/system/version': [{ ask: 'GET /api/system/version', status: 200, json: { version: expect.stringMatching(/^7\.\d+\.\d+$/) as unknown, revision: text, addons: [], license: text } }],
  'GET /api/system/status': [{ ask: 'GET /api/system/status', status: 200, json: { nodes: [{ id: text, state: 'RUNNING' }, { id: text, state: 'RUNNING' }, { id: text, state: 'RUNNING' }] } }],
  'GET /api/storageinfo, POST /api/storageinfo/calculate': [
    { ask: 'POST /api/storageinfo/calculate', status: 202, json: { info: 'Calculating storage summary' } },
    {
      ask: 'GET /api/storageinfo', status: 200, eventually: true,
      json: {
        binariesSummary: { binariesCount: text, binariesSize: text, artifactsSize: text, optimization: expect.stringMatching(/%$/) as unknown, itemsCount: text, artifactsCount: text },
        fileStoreSummary: { storageType: 'file-system', storageDirectory: text, totalSpace: text, usedSpace: text, freeSpace: text },
        repositoriesSummaryList: expect.arrayContaining([expect.objectContaining({ repoKey: 'TOTAL', repoType: 'NA', foldersCount: expect.any(Number) as unknown, filesCount: expect.any(Number) as unknown, usedSpace: text })]) as unknown,
      },
    },
  ],
  'POST /api/system/storage/gc': [{ ask: 'POST /api/system/storage/gc?dryRun=1', status: 202, json: { id: text } }],
};
