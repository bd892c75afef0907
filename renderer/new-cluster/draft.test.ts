import { expect, it } from 'vitest';
import { emptyDraft, firstOpenStep, problemsOf, serverProblem, splitServers, toBalancer, toCluster, withoutSecrets, withServer, type ClusterDraft } from './draft.ts';

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

it('names the balancer that the app is to keep, and none where it keeps none', () => {
  expect(toBalancer({ ...whole, balancer: 'haproxy', balancerHostId: 'b', balancerPort: ' 80 ' })).toEqual({ hostId: 'b', product: 'haproxy', options: { listen: { port: 80 } } });
  for (const balancer of ['none', 'export'] as const) expect(toBalancer({ ...whole, balancer })).toBeUndefined();
});

it('sends no empty password and no empty address', () => {
  expect(toCluster({ ...whole, databasePassword: '' })).not.toHaveProperty('databasePassword');
  expect(toCluster(whole)).not.toHaveProperty('baseUrl');
  expect(toCluster(whole).databasePassword).toBe('hunter-two');
});

it('keeps no password', () => {
  expect(JSON.stringify(withoutSecrets(whole))).not.toContain('hunter-two');
});

it('names all servers of a replicated database, each with a port that is not that of the first', () => {
  const draft = { ...whole, databaseHost: 'db-1', moreServers: [{ host: ' db-2 ', port: '5432' }, { host: 'fd00::3', port: '5433' }] };
  expect(toCluster(draft).database).toMatchObject({ host: 'db-1,db-2,[fd00::3]:5433', port: 5432 });
  expect(problemsOf(draft)).toEqual({});
  expect(toCluster(withServer(draft, draft.moreServers[1]!)).database).toMatchObject({ host: 'fd00::3', port: 5433 });
});

it.each([[{ host: '', port: '5432' }, 'host'], [{ host: 'db-2', port: 'x' }, 'port'], [{ host: 'db.lan', port: '5432' }, 'host'], [{ host: 'db-2,db-3', port: '5432' }, 'host'], [{ host: 'a b', port: '5432' }, 'host']] as const)(
  'finds what is wrong in a further server %j: its %s', (server, field) => {
    const draft = { ...whole, moreServers: [server] };
    expect(Object.keys(problemsOf(draft))).toEqual(['moreServers']);
    expect(serverProblem(draft, 1)[field]).toMatch(/^[A-Z]/);
    expect(serverProblem(draft, 0)).toEqual({ host: null, port: null });
  });

it('gives each server of a pasted list a row', () => {
  const { databaseHost, databasePort, moreServers } = splitServers({ ...whole, databaseHost: 'db-1, db-2:5433,[fd00::3]:5434' });
  expect([databaseHost, databasePort, moreServers]).toEqual(['db-1', '5432', [{ host: 'db-2', port: '5433' }, { host: 'fd00::3', port: '5434' }]]);
  expect(splitServers(whole)).toBe(whole);
  expect(splitServers({ ...whole, databaseHost: 'db-1:5433' }).databaseHost).toBe('db-1:5433');
});
