import { expect, it } from 'vitest';
import type { Planned } from '../../contract/index.ts';
import { runBulkhead } from '../testing/run-bulkhead.ts';
import { exitCodes } from './exit-codes.ts';

const plan: Planned = { nodeId: 'one', host: 'one', steps: [], script: '#!/bin/sh\necho all\n' };

it.each([
  ['newCluster.plan', [plan], ['cluster', 'create', 'art', '--database-host', 'db', '--filestore', '/srv/art', '--nodes', 'one', '--script']],
  ['nodes.plan', [plan], ['node', 'provision', 'one', '--cluster', 'art', '--script']],
  ['nodes.removalPlan', plan, ['node', 'remove', 'one', '--cluster', 'art', '--yes', '--script']],
  ['upgrade.commands', [plan], ['node', 'upgrade', '--cluster', 'art', '--script']],
  ['upgrade.commands', [plan], ['node', 'upgrade', '--cluster', 'art', '--commands']],
] as const)('asks for %s and for nothing else where only the script is wanted', async (operation, answer, argv) => {
  const asked: string[] = [];
  const answering = (name: string, given: unknown) => async (): Promise<never> => { asked.push(name); return given as never; };
  const would = Object.fromEntries(['clusters.create', 'balancers.assign', 'nodes.provision', 'nodes.remove', 'upgrade.start'].map((name) => [name, answering(name, null)]));
  const { code, out } = await runBulkhead([...argv], { ...would, [operation]: answering(operation, answer) });
  expect(asked).toEqual([operation]);
  expect([code, out]).toEqual([exitCodes.ok, expect.stringContaining(argv.at(-1) === '--script' ? 'echo all' : 'one')]);
});
