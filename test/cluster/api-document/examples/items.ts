import { expect } from 'vitest';
import { digest, text, time, uri, type Examples } from '../example.ts';

const content = 'documented item';
const file = 'generic-local/items/a.txt';
const checksums = { sha1: digest('sha1', content), md5: digest('md5', content), sha256: digest('sha256', content) };
const put = { ask: `PUT /${file}`, body: content, status: 201 } as const;
const contentType = (kind: string): unknown => expect.stringMatching(new RegExp(`^application/vnd.org.jfrog.artifactory.storage.${kind}\\+json`, 'i'));
/** These and no more. */
const noOther = (properties: Readonly<Record<string, readonly string[]>>): unknown => expect.toSatisfy((found) => JSON.stringify(found) === JSON.stringify(properties));
/** What an annotation is answered with. */
const set = (query: string) => ({ ask: `PUT /api/storage/${file}?properties=${query}`, status: 204 });

export const items: Examples = {
  'GET /api/storage/{repo}/{path}': [
    put,
    {
      ask: `GET /api/storage/${file}`, status: 200, answerHeaders: { 'content-type': contentType('FileInfo') },
      json: {
        repo: 'generic-local', path: '/items/a.txt', created: time, createdBy: 'admin', lastModified: time, modifiedBy: 'admin', lastUpdated: time, downloadUri: uri(`/${file}`), mimeType: 'text/plain', size: String(content.length),
        checksums, originalChecksums: { sha256: checksums.sha256 }, uri: uri(`/api/storage/${file}`),
      },
    },
    {
      ask: 'GET /api/storage/generic-local/items', status: 200, answerHeaders: { 'content-type': contentType('FolderInfo') },
      json: { repo: 'generic-local', path: '/items', created: time, createdBy: 'admin', lastModified: time, modifiedBy: 'admin', lastUpdated: time, children: [{ uri: '/a.txt', folder: false }], uri: uri('/api/storage/generic-local/items') },
    },
    { ask: 'GET /api/storage/generic-local', status: 200, json: { repo: 'generic-local', path: '/', children: expect.arrayContaining([{ uri: '/items', folder: true }]) as unknown } },
    { ask: 'GET /api/storage/generic-local/none', status: 404, code: 'ARTIFACT_NOT_FOUND' },
  ],
  'GET /api/storage/{repo}/{path}?list with deep, depth, listFolders, mdTimestamps, includeRootPath': [
    { ask: 'PUT /generic-local/listed/one/two/deep.txt', body: content, status: 201 },
    { ask: 'PUT /generic-local/listed/flat.txt', body: content, status: 201 },
    {
      ask: 'GET /api/storage/generic-local/listed?list', status: 200, answerHeaders: { 'content-type': contentType('FileList') },
      json: { uri: uri('/api/storage/generic-local/listed'), created: time, files: [{ uri: '/flat.txt', size: content.length, lastModified: time, folder: false, sha1: checksums.sha1, sha2: checksums.sha256 }] },
    },
    { ask: 'GET /api/storage/generic-local/listed?list&deep=1', status: 200, json: { files: [{ uri: '/flat.txt' }, { uri: '/one/two/deep.txt' }] } },
    { ask: 'GET /api/storage/generic-local/listed?list&deep=1&depth=1', status: 200, json: { files: [{ uri: '/flat.txt' }] } },
    { ask: 'GET /api/storage/generic-local/listed?list&deep=1&listFolders=1', status: 200, json: { files: [{ uri: '/flat.txt' }, { uri: '/one', size: -1, folder: true }, { uri: '/one/two', folder: true }, { uri: '/one/two/deep.txt', folder: false }] } },
    { ask: 'GET /api/storage/generic-local/listed?list&listFolders=1&includeRootPath=1', status: 200, json: { files: [{ uri: '/', folder: true }, { uri: '/flat.txt' }, { uri: '/one' }] } },
    { ask: 'GET /api/storage/generic-local/listed?list&mdTimestamps=1', status: 200, json: { files: [{ uri: '/flat.txt', mdTimestamps: {} }] } },
    { ask: 'GET /api/storage/generic-local/none?list', status: 404 },
  ],
  'GET /api/storage/{repo}/{path}?lastModified': [
    { ask: 'PUT /generic-local/newest/a.txt', body: content, status: 201 },
    { ask: 'GET /api/storage/generic-local/newest?lastModified', status: 200, json: { uri: uri('/api/storage/generic-local/newest/a.txt'), lastModified: time } },
  ],
  'GET /api/storage/{repo}/{path}?properties[=a,b]': [
    put,
    { ask: `GET /api/storage/${file}?properties`, status: 404, code: 'PROPERTIES_NOT_FOUND' },
    set('a=1,2|b=3'),
    { ask: `GET /api/storage/${file}?properties`, status: 200, json: { uri: uri(`/api/storage/${file}`), properties: { a: ['1', '2'], b: ['3'] } }, answerHeaders: { 'content-type': contentType('ItemProperties') } },
    { ask: `GET /api/storage/${file}?properties=b`, status: 200, json: { properties: noOther({ b: ['3'] }) } },
  ],
  'PUT /api/storage/{repo}/{path}?properties=a=1,2|b=3[&recursive=0][&atomic=1]': [
    put,
    set('c=x;d=y%5C,z&atomic=1'),
    { ask: `GET /api/storage/${file}?properties=c,d`, status: 200, json: { properties: { c: ['x'], d: ['y,z'] } } },
    { ask: 'PUT /generic-local/set/below/a.txt', body: content, status: 201 },
    { ask: 'PUT /api/storage/generic-local/set?properties=only=folder&recursive=0', status: 204 },
    { ask: 'GET /api/storage/generic-local/set/below/a.txt?properties', status: 404 },
    { ask: 'PUT /api/storage/generic-local/set?properties=all=yes', status: 204 },
    { ask: 'GET /api/storage/generic-local/set/below/a.txt?properties', status: 200, json: { properties: { all: ['yes'] } } },
    { ask: `PUT /api/storage/${file}?properties=1st=x`, status: 400, code: 'PROPERTY_INVALID' },
    { ask: 'PUT /api/storage/generic-local/none?properties=a=b', status: 404 },
  ],
  'DELETE /api/storage/{repo}/{path}?properties=a,b[&recursive=0]': [
    put, set('e=1|f=2|g=3'),
    { ask: `DELETE /api/storage/${file}?properties=e,f`, status: 204 },
    { ask: `GET /api/storage/${file}?properties=e,f,g`, status: 200, json: { properties: noOther({ g: ['3'] }) } },
  ],
  'PATCH /api/metadata/{repo}/{path}': [
    put, set('h=1|i=2'),
    { ask: `PATCH /api/metadata/${file}?recursiveProperties=1`, body: { props: { h: null, i: 'new', j: ['1', '2'] } }, status: 204 },
    { ask: `GET /api/storage/${file}?properties=h,i,j`, status: 200, json: { properties: noOther({ i: ['new'], j: ['1', '2'] }) } },
  ],
  'GET /api/storage/{repo}/{path}?stats': [
    { ask: 'PUT /generic-local/items/counted.txt', body: content, status: 201 },
    { ask: 'GET /api/storage/generic-local/items/counted.txt?stats', status: 200, json: { uri: text, downloadCount: 0, lastDownloaded: 0, remoteDownloadCount: 0, remoteLastDownloaded: 0 } },
  ],
  'GET /api/storage/{repo}/{path}?permissions': [
    put,
    { ask: `GET /api/storage/${file}?permissions`, status: 200, json: { uri: text, principals: { users: {}, groups: {} } } },
  ],
};
