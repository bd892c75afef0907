import { expect, it } from 'vitest';
import { lanSettings, type PlannedNode } from '../../contract/index.ts';
import { target } from '../provision/testing/target.ts';
import { shownTurn } from './shown-steps.ts';

const { release } = target;
const settings = lanSettings.parse({ name: 'art', filestore: '/srv/f', database: { host: 'db', name: 'a', user: 'a' } });
const node: PlannedNode = { nodeId: 'n1', hostId: 'h', host: 'web', master: false, from: '1.0.0-a', to: release.name, unchanged: false, batch: 1, steps: [], removes: ['0.9.0-z'], seconds: 9 };
const payloads = { release: () => Promise.resolve(release) };

it('shows each command and file of a turn, in the order in which they run', async () => {
  const { steps, script, host } = await shownTurn(node, settings, 'ops on desk', payloads);
  expect([host, steps.map(({ step }) => step)]).toEqual(['web', ['lock', 'upload-node', 'upload-bulkhead-node.cjs', 'switch', 'follow', 'unlock', 'old-releases', 'discard']]);
  expect(steps[1]).toMatchObject({ probe: [expect.stringContaining(release.runtime.sha256) as string], apply: [expect.stringContaining('mkdir') as string, expect.stringContaining('# upload node (100 bytes') as string] });
  const start = steps.find(({ step }) => step === 'switch');
  expect(start?.apply.at(-1)).toMatch(/systemd-run .*1\.2\.3-abcdef01 1\.0\.0-a n1/);
  expect(start?.files[0]?.content).toContain('comes_up');
  expect(script).toMatch(/^#!\/bin\/sh\n[^]*trap [^]* EXIT\n[^]*PAYLOADS[^]*systemd-run/);
  // nothing goes before the new release was seen serving
  expect(script.indexOf('end done')).toBeLessThan(script.indexOf('# Remove releases'));
});

it('uploads nothing of a release that is on the hosts already, and does nothing to a node that runs it', async () => {
  expect((await shownTurn({ ...node, to: '1.1.0-b', removes: [] }, settings, 'me', payloads)).steps.map(({ step }) => step)).toEqual(['lock', 'switch', 'follow', 'unlock']);
  expect((await shownTurn({ ...node, unchanged: true }, settings, 'me', payloads)).steps).toEqual([]);
});
