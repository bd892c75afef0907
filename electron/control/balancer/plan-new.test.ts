import { expect, it } from 'vitest';
import { balancerOptions, lanSettings } from '../../contract/index.ts';
import { planNewBalancer } from './plan-new.ts';

it('shows what a host would be given in front of nodes that are not there yet', () => {
  const settings = lanSettings.parse({ name: 'art', filestore: '/srv/art', database: { host: 'db' } });
  const nodes = ['one', 'two'].map((nodeId) => ({ nodeId, hostId: `h-${nodeId}`, url: `http://${nodeId}:8081` }));
  const plan = planNewBalancer({ clusterId: 'new', settings, nodes }, { hostId: 'h', name: 'front' }, { hostId: 'h', product: 'nginx', options: balancerOptions.parse({}) });
  expect(plan).toMatchObject({ nodeId: 'front', host: 'front', product: 'nginx' });
  const shown = JSON.stringify(plan.steps);
  for (const part of ['one:8081', 'two:8081', 'nginx -t']) expect(shown).toContain(part);
  expect(plan.script).toContain('# front. Run as root on that host');
  expect(plan.script).not.toContain('PAYLOADS');
  expect(plan.steps.map(({ step }) => step)).toEqual(['lock', 'preflight', 'check', 'put', 'answer', 'unlock']);
});
