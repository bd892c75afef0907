import { expect, it } from 'vitest';
import { emptyDraft, firstOpenStep, problemsOf, toCluster, withoutSecrets, type ClusterDraft } from './draft.ts';

const whole: ClusterDraft = { ...emptyDraft(), name: 'artifacts', databaseHost: 'db.lan', databasePassword: 'hunter-two', filestore: '/srv/artifacts', hostIds: ['a'] };

it('has nothing to say about a draft that is whole', () => {
  expect(problemsOf(whole)).toEqual({});
  expect(firstOpenStep({})).toBe('review');
});

it('leads from page to page, in their order', () => {
  expect(firstOpenStep(problemsOf(emptyDraft()))).toBe('database');
  expect(firstOpenStep(problemsOf({ ...whole, filestore: '' }))).toBe('filestore');
  expect(firstOpenStep(problemsOf({ ...whole, hostIds: [] }))).toBe('hosts');
  expect(firstOpenStep(problemsOf({ ...whole, balancer: 'nginx' }))).toBe('balancer');
});

it.each<[Partial<ClusterDraft>, keyof ClusterDraft]>([
  [{ name: 'two words' }, 'name'], [{ databasePort: '70000' }, 'databasePort'], [{ databasePort: '' }, 'databasePort'], [{ databasePort: '54x' }, 'databasePort'], [{ databaseHost: '  ' }, 'databaseHost'],
  [{ filestore: 'srv' }, 'filestore'], [{ filestore: '/srv/with blank' }, 'filestore'], [{ nodePort: '80' }, 'nodePort'], [{ serviceUid: '0' }, 'serviceUid'], [{ baseUrl: 'art.lan' }, 'baseUrl'],
])('finds what is wrong in %j, and where', (change, field) => {
  const problems = problemsOf({ ...whole, ...change });
  expect(Object.keys(problems)).toEqual([field]);
  expect(problems[field]?.text).toMatch(/^[A-Z]/);
});

it('asks for a host and a port of a balancer, and for another port than the node has there', () => {
  expect(Object.keys(problemsOf({ ...whole, balancer: 'haproxy', balancerPort: 'x' }))).toEqual(['balancerHostId', 'balancerPort']);
  expect(problemsOf({ ...whole, balancer: 'haproxy', balancerHostId: 'a', balancerPort: '8081' }).balancerPort?.text).toMatch(/8081 already/);
  expect(problemsOf({ ...whole, balancer: 'haproxy', balancerHostId: 'b', balancerPort: '8081' })).toEqual({});
  expect(problemsOf({ ...whole, balancer: 'export' })).toEqual({});
});

it('sends no empty password and no empty address', () => {
  expect(toCluster({ ...whole, databasePassword: '' })).not.toHaveProperty('databasePassword');
  expect(toCluster(whole)).not.toHaveProperty('baseUrl');
  expect(toCluster(whole).databasePassword).toBe('hunter-two');
});

it('keeps no password', () => {
  expect(JSON.stringify(withoutSecrets(whole))).not.toContain('hunter-two');
});
