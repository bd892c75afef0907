import { expect, it } from 'vitest';
import { BulkheadError, connect, createWirePair, serve, type ClosableClient, type Handlers, type UpgradeRun } from '../../../contract/index.ts';
import { stubHandlers } from '../../testing/stub-handlers.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { Output } from '../output.ts';
import { createProgram, runProgram } from '../program.ts';

async function bulkhead(argv: string[], given: Partial<Handlers>, signal = new AbortController().signal): Promise<{ code: ExitCode; out: string; err: string }> {
  const told = { out: '', err: '' };
  const streams = { out: (text: string) => { told.out += text; }, err: (text: string) => { told.err += text; } };
  const opened: ClosableClient[] = [];
  const context: CliContext = {
    output: new Output(streams), signal, outcome: { exitCode: exitCodes.ok }, transfers: () => Promise.reject(new Error('no bytes are moved here')), runConsole: () => Promise.resolve(),
    client: () => {
      const pair = createWirePair();
      serve(stubHandlers(given), pair.control, { caller: 'cli' });
      const client = connect(() => pair.client);
      opened.push(client);
      return Promise.resolve(client);
    },
  };
  const code = await runProgram(createProgram(context, '1.2.3', streams), context, argv);
  for (const client of opened) client.close();
  return { code, ...told };
}

function run(changes: Partial<UpgradeRun> = {}): UpgradeRun {
  return {
    runId: 'aaaaaaaa-1111', kind: 'upgrade', clusterId: 'art', to: '0.2.0-b', batch: 1, state: 'running', startedAt: 0, endedAt: null, asOf: 5000, startedBy: 'ops', holder: 'ops', here: true,
    holderUntil: 9000, elapsedSeconds: 5, remainingSeconds: 5, failure: null, can: { pause: true, resume: false, rollback: false },
    nodes: [{
      nodeId: 'n1', hostId: 'h1', host: 'n1', master: false, batch: 1, from: '0.1.0-a', to: '0.2.0-b', state: 'running', step: 'prove', stepTitle: 'Prove it', stepNumber: 7, steps: 8, lines: [],
      startedAt: 0, endedAt: null, expectedSeconds: 10, failure: null,
    }],
    ...changes,
  };
}

const failure = { code: 'STEP_FAILED', message: 'n1: it does not come up', hint: 'See its lines.' };
const watching = (last: UpgradeRun): Partial<Handlers> => ({
  'upgrade.watch': async function* watch() { yield await Promise.resolve(run()); yield last; },
});

it('starts an upgrade, tells each step, and ends with its outcome', async () => {
  const asked: unknown[] = [];
  const start: Partial<Handlers> = { 'upgrade.start': (args) => { asked.push(args); return Promise.resolve(run()); } };
  const good = await bulkhead(['node', 'upgrade', '--cluster', 'art', '--batch', '2'], { ...start, ...watching(run({ state: 'done', endedAt: 9000 })) });
  expect([good.code, asked]).toEqual([exitCodes.ok, [{ clusterId: 'art', batch: 2, keepReleases: 2, acceptWarnings: [] }]]);
  expect(good.err).toContain('n1  7/8  Prove it');
  await bulkhead(['node', 'upgrade', '--cluster', 'art', '--accept', 'capacity', '--keep-releases', '3'], { ...start, ...watching(run({ state: 'done', endedAt: 9000 })) });
  expect(asked.at(-1)).toEqual({ clusterId: 'art', batch: 1, keepReleases: 3, acceptWarnings: ['capacity'] });
  const bad = await bulkhead(['node', 'upgrade', '--cluster', 'art'], { ...start, ...watching(run({ state: 'failed', failure })) });
  expect(bad.code).toBe(exitCodes.failed);
  expect(bad.out).toContain('bulkhead run resume aaaaaaaa --cluster art');
});

it('lists as many as are asked for, also as JSON, and accepts no warnings of one that has begun', async () => {
  const list: Partial<Handlers> = { 'upgrade.list': () => Promise.resolve([run({ runId: 'one' }), run({ runId: 'two' })]) };
  expect(JSON.parse((await bulkhead(['run', 'list', '--cluster', 'art', '--limit', '1', '--json'], list)).out)).toMatchObject([{ runId: 'one' }]);
  expect((await bulkhead(['run', 'list', '--cluster', 'art', '--limit', 'many'], list)).code).toBe(exitCodes.usage);
  expect(await bulkhead(['run', 'resume', 'one', '--cluster', 'art', '--accept', 'capacity'], {})).toMatchObject({ code: exitCodes.usage, err: expect.stringContaining('no warnings') as string });
});

it('is left at Ctrl-C, and says how to go on', async () => {
  const interrupt = new AbortController();
  const left = await bulkhead(['node', 'upgrade', '--cluster', 'art'], {
    'upgrade.start': () => Promise.resolve(run()),
    'upgrade.watch': async function* watch(_args, { signal }) {
      yield await Promise.resolve(run());
      setImmediate(() => { interrupt.abort(); });
      await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
    },
  }, interrupt.signal);
  expect([left.code, left.err]).toEqual([exitCodes.interrupted, expect.stringContaining('bulkhead run resume aaaaaaaa --cluster art') as string]);
});

it('says that a refusal has changed nothing by its exit code', async () => {
  const refused = await bulkhead(['node', 'restart', 'n1', '--cluster', 'art'], { 'nodes.restart': () => Promise.reject(new BulkheadError('CAPACITY_TOO_SMALL')) });
  expect([refused.code, refused.err.split(':')[0]]).toEqual([exitCodes.refused, 'CAPACITY_TOO_SMALL']);
});

it('goes on with upgrades where a cluster is named, and with runs of hosts where none is', async () => {
  const asked: unknown[] = [];
  await bulkhead(['run', 'resume', 'aaaa', '--cluster', 'art'], { 'upgrade.resume': (args) => { asked.push(args); return Promise.resolve(run()); }, ...watching(run({ state: 'done' })) });
  await bulkhead(['run', 'pause', 'aaaa', '--cluster', 'art'], { 'upgrade.pause': (args) => { asked.push(args); return Promise.resolve(run({ state: 'pausing' })); } });
  expect(asked).toEqual([{ clusterId: 'art', runId: 'aaaa' }, { clusterId: 'art', runId: 'aaaa' }]);
  expect((await bulkhead(['run', 'list', '--cluster', 'art'], { 'upgrade.list': () => Promise.resolve([run()]) })).out).toContain('0.2.0-b');
});

it('reads how long a maintenance lasts, and shuts nobody out without being told twice', async () => {
  const until: number[] = [];
  const started = { clusterId: 'art', nodeId: 'n1', hostId: null, host: 'n1', until: 1, note: '', by: 'ops', since: 0, observed: 'drained', mutedUntil: null, mutedNote: null };
  const before = Date.now();
  await bulkhead(['maintenance', 'on', 'n1', '--cluster', 'art', '--for', '90m'], { 'maintenance.start': (args) => { until.push(args.until); return Promise.resolve(started); } });
  expect(until[0]).toBeGreaterThanOrEqual(before + 90 * 60_000);
  expect((await bulkhead(['maintenance', 'on', 'n1', '--cluster', 'art', '--for', 'ever'], {})).code).toBe(exitCodes.usage);
  expect((await bulkhead(['node', 'forget', 'n1', '--cluster', 'art'], {})).code).toBe(exitCodes.refused);
});
