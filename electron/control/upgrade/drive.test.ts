import { expect, it } from 'vitest';
import { BulkheadError, type ErrorCode, type UpgradeWrite } from '../../../server-bundle/contract/index.ts';
import { lanSettings } from '../../contract/index.ts';
import { Payloads } from '../provision/index.ts';
import type { ClusterDoor } from './door.ts';
import { Drive } from './drive.ts';
import { HostSet } from './host-set.ts';
import { freshProgress, type RunPlan, type StoredRun } from './record.ts';

const turn = { nodeId: 'n1', host: 'web', master: true, batch: 0, from: '1.0.0-a', to: '1.0.0-a', unchanged: true, seconds: 0, removes: [] };
const plan: RunPlan = { kind: 'upgrade', to: '1.0.0-a', batch: 1, turns: [turn], interrupts: false };
const run: StoredRun = {
  id: 'run', plan, progress: freshProgress(plan), state: 'running', wish: null, startedBy: 'ann', holder: 'ann', startedAt: 1, endedAt: null, holderUntil: 2, asOf: 1,
};

/** A run in which nothing is left to do but to end it, with a cluster that answers so, one write after the other; and takes every later one. */
function ending(answers: readonly ErrorCode[], signal = new AbortController().signal): { drive: Drive; log: string[] } {
  const log: string[] = [];
  const left = [...answers];
  const write = async ({ state }: UpgradeWrite): Promise<StoredRun> => {
    const code = left.shift();
    log.push(`${state} ${code ?? 'taken'}`);
    if (code !== undefined) throw new BulkheadError(code);
    return { ...run, state };
  };
  const drive = new Drive({
    run, token: 'token', who: 'ann', signal, door: { write } as unknown as ClusterDoor, onChange: ({ state }) => log.push(`told ${state}`),
    cluster: { clusterId: 'c', nodes: [], settings: lanSettings.parse({ name: 'art', database: { host: 'db' }, filestore: '/srv/bulkhead' }) },
    hosts: new HostSet({ access: () => Promise.reject(new Error('no host is asked')) }, () => { throw new Error('no host is asked'); }),
    payloads: new Payloads({ runtimes: { x64: '/none', arm64: '/none' }, bundle: '/none', version: '0', cacheFolder: '/none' }),
  });
  return { drive, log };
}

it('tells the cluster the end of a run until it is taken, and nobody else before', async () => {
  const { drive, log } = ending(['DATABASE_UNAVAILABLE', 'HOST_UNREACHABLE']);
  await drive.carryOut('forward', false);
  expect(log).toEqual(['done DATABASE_UNAVAILABLE', 'done HOST_UNREACHABLE', 'done taken', 'told done']);
  expect(drive.run.endedAt).not.toBeNull();
});

it('tells it no more once somebody else carries the run out', async () => {
  const { drive, log } = ending(['UPGRADE_TAKEN_OVER']);
  await drive.carryOut('forward', false);
  expect(log).toEqual(['done UPGRADE_TAKEN_OVER', 'told done']);
});

it('tells it once when the program ends', async () => {
  const closing = new AbortController();
  const { drive, log } = ending(['DATABASE_UNAVAILABLE'], closing.signal);
  const ended = drive.carryOut('forward', false);
  closing.abort();
  await ended;
  expect(log).toEqual(['done DATABASE_UNAVAILABLE', 'told done']);
});
