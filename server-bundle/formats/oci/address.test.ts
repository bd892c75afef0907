import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import { parseAddress } from './address.ts';

const sha = `sha256:${'a'.repeat(64)}`;
const v2 = { prefix: '/v2/repo/', repositoryKey: 'repo' };
const api = { prefix: '/artifactory/api/docker/repo/v2/', repositoryKey: 'repo' };

describe('addresses', () => {
  it.each([
    ['/v2', { kind: 'base', prefix: '/v2/', repositoryKey: null }],
    ['/v2/', { kind: 'base', prefix: '/v2/', repositoryKey: null }],
    ['/v2/_catalog?n=5', { kind: 'catalog', prefix: '/v2/', repositoryKey: null }],
    ['/v2/token', { kind: 'token', prefix: '/v2/', repositoryKey: null }],
    ['/v2/repo/a/manifests/latest', { kind: 'manifest', ...v2, name: 'a', reference: 'latest' }],
    [`/v2/repo/a/b/manifests/${encodeURIComponent(sha)}`, { kind: 'manifest', ...v2, name: 'a/b', reference: sha }],
    [`/v2/repo/a/blobs/${sha}`, { kind: 'blob', ...v2, name: 'a', reference: sha }],
    ['/v2/repo/a/blobs/uploads/', { kind: 'uploads', ...v2, name: 'a' }],
    ['/v2/repo/a/blobs/uploads', { kind: 'uploads', ...v2, name: 'a' }],
    ['/v2/repo/a/blobs/uploads/id?x=y', { kind: 'upload', ...v2, name: 'a', reference: 'id' }],
    ['/v2/repo/a/tags/list', { kind: 'tags', ...v2, name: 'a' }],
    [`/v2/repo/a/referrers/${sha}`, { kind: 'referrers', ...v2, name: 'a', reference: sha }],
    // names may use the words of the protocol
    ['/v2/repo/tags/blobs/manifests/list/tags/list', { kind: 'tags', ...v2, name: 'tags/blobs/manifests/list' }],
    ['/v2/repo/blobs/manifests/blobs', { kind: 'manifest', ...v2, name: 'blobs', reference: 'blobs' }],
    ['/artifactory/api/docker/repo/v2', { kind: 'base', ...api }],
    ['/artifactory/api/docker/repo/v2/', { kind: 'base', ...api }],
    ['/artifactory/api/docker/repo/v2/_catalog', { kind: 'catalog', ...api }],
    ['/artifactory/api/docker/repo/v2/token?scope=x', { kind: 'token', ...api }],
    ['/artifactory/api/docker/repo/v2/a/b/tags/list', { kind: 'tags', ...api, name: 'a/b' }],
    ['http://other/v2/repo/a/tags/list', { kind: 'tags', ...v2, name: 'a' }],
  ])('%s', (url, expected) => { expect(parseAddress(url)).toEqual(expected); });

  it.each([
    ['/v2/repo/A/tags/list', 'NAME_INVALID'], ['/v2/repo/tags/list', 'NAME_INVALID'], ['/v2/repo/a%2f..%2fb/tags/list', 'NAME_INVALID'],
    ['/v2/repo/../tags/list', 'NAME_INVALID'], ['/v2/repo/a/%00/tags/list', 'NAME_INVALID'],
    ['/v2/repo', 'ROUTE_NOT_FOUND'], ['/v2/repo/a/other', 'ROUTE_NOT_FOUND'], ['/v1/', 'ROUTE_NOT_FOUND'], ['/v2/%zz/a/tags/list', 'PATH_INVALID'],
  ])('%s is refused with %s', (url, code) => {
    expect(() => parseAddress(url)).toThrow(expect.objectContaining({ code }));
  });

  it('any address is one of the protocol or refused with a code', () => {
    const piece = fc.oneof(fc.constantFrom('blobs', 'manifests', 'uploads', 'tags', 'list', 'referrers', 'a', '', '..', '%2e', '%', 'v2', sha), fc.string());
    fc.assert(fc.property(fc.constantFrom('/v2/', '/artifactory/api/docker/', '/'), fc.array(piece, { maxLength: 8 }), (start, pieces) => {
      try {
        const address = parseAddress(`${start}${pieces.join('/')}`);
        if ('name' in address) expect(address.name).not.toContain('..');
      } catch (error) {
        expect(error).toBeInstanceOf(BulkheadError);
        expect((error as BulkheadError).status).toBeLessThan(500);
      }
    }), { numRuns: 2000 });
  });
});
