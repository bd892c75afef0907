import { expect } from 'vitest';
import { makeZip } from '../../../harness/archives.ts';
import { digest, text, time, uri, type Examples } from '../example.ts';

const content = 'documented content';
const checksums = { sha1: digest('sha1', content), md5: digest('md5', content), sha256: digest('sha256', content) };
const archive = makeZip([{ name: 'a/one.txt', content: 'one' }, { name: 'two.txt', content: 'two' }]);
const file = '/generic-local/doc/a.txt';
const put = { ask: `PUT ${file}`, body: content, status: 201 } as const;

export const artifacts: Examples = {
  'GET, HEAD /{repo}/{path}': [
    put,
    { ask: `GET ${file}`, status: 200, text: content, answerHeaders: { 'x-checksum-sha1': checksums.sha1, 'x-checksum-md5': checksums.md5, 'x-checksum-sha256': checksums.sha256, 'accept-ranges': 'bytes', 'last-modified': text, etag: text } },
    { ask: `HEAD ${file}`, status: 200, answerHeaders: { 'content-length': String(content.length), 'x-checksum-sha1': checksums.sha1 } },
    { ask: `GET ${file}`, headers: { range: 'bytes=11-' }, status: 206, text: /^content$/, answerHeaders: { 'content-range': `bytes 11-17/${String(content.length)}` } },
    { ask: `GET ${file}`, headers: { 'if-none-match': '*' }, status: 304 },
    { ask: `GET ${file}.sha1`, status: 200, text: checksums.sha1 },
    { ask: 'GET /generic-local/doc/none.txt', status: 404, code: 'ARTIFACT_NOT_FOUND' },
  ],
  'GET, HEAD /list/{repo}/{path}': [
    put,
    { ask: 'GET /list/generic-local/doc/', status: 200, text: /href="\.\/a\.txt"/ },
    { ask: 'GET /list/generic-local/doc/a.txt', status: 200, text: content },
    { ask: 'HEAD /list/generic-local/doc/a.txt', status: 200, answerHeaders: { 'content-length': String(content.length) } },
    { ask: 'GET /list/generic-local/doc/none.txt', status: 404, code: 'ARTIFACT_NOT_FOUND' },
  ],
  'GET /{repo}/{path};k=v': [
    { ask: 'PUT /generic-local/doc/marked.txt;qa=passed;stage=', body: content, status: 201 },
    { ask: 'GET /generic-local/doc/marked.txt;qa=passed', status: 200, text: content },
    { ask: 'GET /generic-local/doc/marked.txt;qa=failed', status: 404 },
    { ask: 'GET /generic-local/doc/marked.txt;other=x', status: 200 },
    { ask: 'GET /generic-local/doc/marked.txt;other+=x', status: 404 },
  ],
  'GET, HEAD /{repo}/{archive}!/{entry}': [
    { ask: 'PUT /generic-local/doc/it.zip', body: archive, status: 201 },
    { ask: 'GET /generic-local/doc/it.zip!/a/one.txt', status: 200, text: /^one$/ },
    { ask: 'HEAD /generic-local/doc/it.zip!/two.txt', status: 200, answerHeaders: { 'content-length': '3' } },
    { ask: 'GET /generic-local/doc/it.zip!/none', status: 404, code: 'ARCHIVE_ENTRY_NOT_FOUND' },
  ],
  'PUT /{repo}/{path}': [
    {
      ask: `PUT ${file}`, body: content, headers: { 'x-checksum-sha1': checksums.sha1, 'x-checksum': checksums.sha256 }, status: 201,
      json: {
        repo: 'generic-local', path: '/doc/a.txt', created: time, createdBy: 'admin', downloadUri: uri(file), mimeType: 'text/plain', size: String(content.length), checksums, originalChecksums: { sha1: checksums.sha1, sha256: checksums.sha256 }, uri: uri(file),
      },
      answerHeaders: { location: uri(file), 'content-type': expect.stringContaining('vnd.org.jfrog.artifactory.storage.ItemCreated+json') as unknown },
    },
    { ask: 'PUT /generic-local/doc/wrong.txt', body: content, headers: { 'x-checksum-md5': digest('md5', 'other') }, status: 409, code: 'CHECKSUM_MISMATCH' },
    { ask: 'GET /generic-local/doc/wrong.txt', status: 404 },
  ],
  'PUT /{repo}/{path};k=v': [
    { ask: 'PUT /generic-local/doc/built.txt;build.name=it;build.number=1', body: content, status: 201 },
    { ask: 'GET /api/storage/generic-local/doc/built.txt?properties', status: 200, json: { properties: { 'build.name': ['it'], 'build.number': ['1'] } } },
    { ask: 'PUT /generic-local/doc/built.txt', body: 'other content', status: 201 },
    { ask: 'GET /api/storage/generic-local/doc/built.txt?properties', status: 404, code: 'PROPERTIES_NOT_FOUND' },
  ],
  'PUT /{repo}/{path} with X-Checksum-Deploy': [
    put,
    { ask: 'PUT /generic-local/doc/same.txt', headers: { 'x-checksum-deploy': 'true', 'x-checksum-sha1': checksums.sha1 }, status: 201, json: { checksums } },
    { ask: 'GET /generic-local/doc/same.txt', status: 200, text: content },
    { ask: 'PUT /generic-local/doc/unknown.txt', headers: { 'x-checksum-deploy': 'true', 'x-checksum-sha1': digest('sha1', 'nobody has this') }, status: 404, code: 'CHECKSUM_UNKNOWN' },
  ],
  'PUT /{repo}/{path} with X-Explode-Archive, X-Explode-Archive-Atomic': [
    { ask: 'PUT /generic-local/doc/unpacked/it.zip', body: archive, headers: { 'x-explode-archive': 'true' }, status: 200 },
    { ask: 'GET /generic-local/doc/unpacked/a/one.txt', status: 200, text: /^one$/ },
    { ask: 'PUT /generic-local/doc/atomic/it.zip', body: makeZip([{ name: 'good.txt', content: 'x' }, { name: '../bad.txt', content: 'x' }]), headers: { 'x-explode-archive-atomic': 'true' }, status: 400, code: 'ARCHIVE_ENTRY_REFUSED' },
    { ask: 'GET /generic-local/doc/atomic/good.txt', status: 404 },
  ],
  'PUT /{repo}/{folder}/': [
    { ask: 'PUT /generic-local/doc/made/', status: 201, json: { repo: 'generic-local', path: '/doc/made/', created: time, createdBy: 'admin' } },
    { ask: 'GET /api/storage/generic-local/doc/made', status: 200, json: { path: '/doc/made', children: [] } },
  ],
  'DELETE /{repo}/{path}': [
    { ask: 'PUT /generic-local/doc/gone.txt', body: content, status: 201 },
    { ask: 'DELETE /generic-local/doc/gone.txt', status: 204 },
    { ask: 'GET /generic-local/doc/gone.txt', status: 404 },
    { ask: 'GET /auto-trashcan/generic-local/doc/gone.txt', status: 200, text: content },
    { ask: 'PUT /generic-local/doc/burnt.txt', body: content, status: 201 },
    { ask: 'DELETE /generic-local/doc/burnt.txt?permanent=1', status: 204 },
    { ask: 'GET /auto-trashcan/generic-local/doc/burnt.txt', status: 404 },
    { ask: 'DELETE /generic-local/doc/none.txt', status: 404, code: 'ARTIFACT_NOT_FOUND' },
  ],
  'POST /api/copy/{repo}/{path}?to=, POST /api/move/{repo}/{path}?to=': [
    put,
    { ask: 'POST /api/copy/generic-local/doc/a.txt?to=/generic-local/doc/copied.txt&dry=1&suppressLayouts=0&failFast=1', status: 200, json: { messages: [{ level: 'INFO', message: text }] } },
    { ask: 'GET /generic-local/doc/copied.txt', status: 404 },
    { ask: 'POST /api/copy/generic-local/doc/a.txt?to=/generic-local/doc/copied.txt', status: 200, json: { messages: [{ level: 'INFO', message: text }] } },
    { ask: 'POST /api/move/generic-local/doc/copied.txt?to=/generic-local/doc/moved.txt', status: 200, json: { messages: [{ level: 'INFO', message: text }] } },
    { ask: 'GET /generic-local/doc/copied.txt', status: 404 },
    { ask: 'GET /generic-local/doc/moved.txt', status: 200, text: content },
    { ask: 'POST /api/move/generic-local/doc/none.txt?to=/generic-local/doc/moved.txt', status: 404 },
  ],
};
