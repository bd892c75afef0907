import { expect, it } from 'vitest';
import { isInternal, originForm } from './request-target.ts';

it.each([
  '/artifactory/api/v1/mesh', '/artifactory/api/v1/cluster', '/artifactory/api/v1/cluster/events', '/api/v1/mesh', '/api/v1/cluster',
  '/artifactory//api/v1/cluster', '//artifactory/api/v1/cluster', '/artifactory/api//v1///cluster/', '/artifactory/artifactory/api/v1/cluster',
  '/artifactory/%61pi/v1/cluster', '/artifactory/api/v1/%63luster', '/artifactory/api%2fv1%2Fcluster', '/artifactory/%2561pi/v1/cluster',
  '/artifactory/%252561pi/v1/mesh', '/artifactory/./api/v1/cluster', '/artifactory/x/../api/v1/cluster', '/artifactory/x/%2e%2e/api/v1/cluster',
  '/artifactory\\api\\v1\\cluster', '/artifactory/api;a=b/v1/cluster;x', '/ARTIFACTORY/API/V1/CLUSTER', '/artifactory/api/v1/cluster?x=1',
  '/artifactory/api/v1/cluster#x', '/artifactory/api/v1/cluster%3fx', '/artifactory/api/v1/cluster%00', '/artifactory/%zz/../api/v1/cluster',
  '/artifactory/api/v1/cluster%23', '/../artifactory/api/v1/mesh',
])('sees the interface between nodes in %s', (target) => {
  expect(isInternal(target)).toBe(true);
});

it.each([
  '/artifactory/api/v1/tasks', '/artifactory/api/v1/clusters', '/artifactory/api/v1/cluster-notes', '/artifactory/generic-local/api/v1/cluster',
  '/artifactory/api/system/ping', '/artifactory/generic-local/a%20b.bin', '/artifactory/generic-local/100%', '/api/storage/generic-local/x?list',
])('lets %s pass', (target) => {
  expect(isInternal(target)).toBe(false);
});

it('takes the authority off an absolute target', () => {
  expect(originForm('http://else.example:80/artifactory/x?y=1')).toBe('/artifactory/x?y=1');
  expect(originForm('http://else.example')).toBe('/');
  expect(originForm('/a')).toBe('/a');
  expect(originForm('*')).toBeNull();
});
