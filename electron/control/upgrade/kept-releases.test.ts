import { expect, it } from 'vitest';
import { releasesIn, type HostReleases } from './host-releases.ts';
import { releasesToRemove } from './kept-releases.ts';

type Release = HostReleases['releases'][number];
const release = (version: string, schema: number | null = 4, since = 1): Release => ({ name: `${version}-aaaaaaaa`, version, schema, since });
const host = (nodeId: string, current: string, releases: readonly Release[], incomplete: readonly string[] = []): HostReleases =>
  ({ nodeId, hostId: nodeId, host: nodeId, problem: null, current: `${current}-aaaaaaaa`, cpu: 'x64', releases, incomplete });
const gone = (hosts: readonly HostReleases[], former = 2, servesFrom = 3): Record<string, string[]> =>
  Object.fromEntries(releasesToRemove(hosts, { to: '0.5.0-aaaaaaaa', former, servesFrom }));

it('keeps what runs and the newest of the former ones', () => {
  const all = ['0.1.0', '0.2.0', '0.10.0', '0.4.0'].map((version) => release(version));
  expect(gone([host('a', '0.2.0', all), host('b', '0.2.0', [...all, release('0.5.0')])])).toEqual({
    a: ['0.4.0-aaaaaaaa', '0.1.0-aaaaaaaa'], b: ['0.4.0-aaaaaaaa', '0.1.0-aaaaaaaa'],
  });
});

it('prefers what the schema serves to what is newer', () => {
  const all = [release('0.4.0'), release('0.3.0', 2), release('0.2.0', 3), release('0.1.0', null)];
  expect(gone([host('a', '0.4.0', all)])).toEqual({ a: ['0.3.0-aaaaaaaa', '0.1.0-aaaaaaaa'] });
});

it('keeps on every host what some host runs: a rollback leads there', () => {
  const all = [release('0.4.0'), release('0.3.0'), release('0.1.0')];
  expect(gone([host('a', '0.1.0', all), host('b', '0.4.0', all)])).toEqual({ a: ['0.3.0-aaaaaaaa'], b: ['0.3.0-aaaaaaaa'] });
});

it('always leaves one to go back to, and takes what is left of an upload', () => {
  const all = [release('0.4.0'), release('0.3.0')];
  expect(gone([host('a', '0.4.0', all, ['0.2.0-bbbbbbbb', '0.5.0-aaaaaaaa'])], 0)).toEqual({ a: ['0.3.0-aaaaaaaa', '0.2.0-bbbbbbbb'] });
});

it('reads what a host lists, and takes a silent release for neither a former one nor a rest', () => {
  const said = 'cpu x86_64\ncurrent 0.4.0-aaaaaaaa\nrelease 0.4.0-aaaaaaaa 17 {"version":"0.4.0","node":"24.1.0","schema":4}\nrelease 0.3.0-aaaaaaaa 16 -\nrelease 0.2.0-aaaaaaaa 15 incomplete\n';
  expect(releasesIn(said)).toEqual({ current: '0.4.0-aaaaaaaa', cpu: 'x64', releases: [{ ...release('0.4.0', 4, 17) }], incomplete: ['0.2.0-aaaaaaaa'] });
});
