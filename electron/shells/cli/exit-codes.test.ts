import { describe, expect, it } from 'vitest';
import { BulkheadError, type ErrorCode, type Handlers, type RunSummary } from '../../contract/index.ts';
import { runBulkhead } from '../testing/run-bulkhead.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

const { ok, failed, usage, notRunning, refused, interrupted } = exitCodes;

const run = (change: Partial<RunSummary>, touched = false): RunSummary => ({
  runId: '0123456789ab', kind: 'provision', clusterId: 'c', hostId: 'h1', nodeId: 'web', state: 'failed', startedAt: 0, endedAt: 1, failure: null, changed: 0,
  steps: [{ step: 'preflight', title: 'Check the host', state: 'failed', touched, durationMs: 1 }], ...change,
});
const because = (code: ErrorCode): Pick<RunSummary, 'failure'> => ({ failure: { code, message: 'no', hint: 'mend it' } });

describe('a command that cannot be taken back', () => {
  it.each([
    ['node remove web --cluster art'], ['node forget web --cluster art'], ['balancer remove front'], ['cluster forget art'], ['demo reset'], ['failover drill --cluster art'],
  ])('%s is refused until it is confirmed, and asks for nothing before', async (line) => {
    const told = await runBulkhead([...line.split(' '), '--json'], { 'failover.drill': () => Promise.reject(new BulkheadError('CONFIRMATION_NEEDED')) });
    expect([told.code, told.json]).toMatchObject([refused, { error: { code: 'CONFIRMATION_NEEDED' } }]);
  });
});

describe('runs on hosts', () => {
  it.each<[string, RunSummary[], ExitCode]>([
    ['one that is done', [run({ state: 'done', changed: 9 })], ok],
    ['a check that stops it', [run(because('PREFLIGHT_FAILED'))], refused],
    ['a risk that nobody has taken on', [run(because('WARNINGS_NOT_ACCEPTED'))], refused],
    ['a host that somebody works on', [run(because('HOST_LOCKED'))], refused],
    ['a secret that is half replaced', [run(because('ROTATION_UNFINISHED'))], refused],
    ['a key that has changed', [run(because('HOST_KEY_CHANGED'))], refused],
    ['a login without rights', [run(because('NO_PRIVILEGE'))], refused],
    ['a host that does not answer', [run(because('HOST_UNREACHABLE'))], notRunning],
    ['a login that fails', [run(because('AUTH_FAILED'))], failed],
    ['a step that fails', [run({ ...because('STEP_FAILED'), changed: 3 })], failed],
    ['a check that stops one that has changed something before', [run({ ...because('PREFLIGHT_FAILED'), changed: 3 })], failed],
    ['a connection that was cut in the middle of the first change', [run(because('HOST_UNREACHABLE'), true)], failed],
    ['one of two that are stopped, while the other one is made', [run(because('PREFLIGHT_FAILED')), run({ state: 'done', changed: 9 })], failed],
    ['two that are stopped by the same', [run(because('PREFLIGHT_FAILED')), run(because('PREFLIGHT_FAILED'))], refused],
    ['one that is stopped, and one away', [run(because('PREFLIGHT_FAILED')), run(because('HOST_UNREACHABLE'))], failed],
    ['one that is cancelled', [run({ state: 'cancelled', ...because('CANCELLED') })], interrupted],
    ['one taken back', [run({ state: 'rolled-back' })], ok],
  ])('%s', async (_, runs, code) => {
    expect((await runBulkhead(['node', 'provision', 'web', '--cluster', 'art', '--json'], { 'nodes.provision': () => Promise.resolve(runs) })).code).toBe(code);
    if (runs.length > 1) return;
    expect((await runBulkhead(['run', 'resume', '0123', '--json'], { 'runs.resume': () => Promise.resolve(runs[0]!) })).code).toBe(code);
    expect((await runBulkhead(['node', 'remove', 'web', '--cluster', 'art', '--yes', '--json'], { 'nodes.remove': () => Promise.resolve(runs[0]!) })).code).toBe(code);
  });
});

/** What an operation may answer with, for a command of each group. */
const commands: readonly (readonly [string, keyof Handlers])[] = [
  ['host list', 'hosts.list'], ['host test web', 'hosts.test'], ['host check web', 'hosts.check'], ['host remove web', 'hosts.remove'],
  ['cluster list', 'clusters.lan'], ['cluster adopt web', 'clusters.adopt'], ['cluster rotate art cluster-key', 'clusters.rotate'], ['cluster forget art --yes', 'clusters.forget'],
  ['node provision web --cluster art', 'nodes.provision'], ['node upgrade --cluster art', 'upgrade.start'], ['node restart web --cluster art', 'nodes.restart'],
  ['node drain web --cluster art', 'node.drain'], ['node logs web --cluster art', 'nodes.journal'], ['node forget web --cluster art --yes', 'nodes.forget'],
  ['run show 0123', 'runs.show'], ['run pause 0123 --cluster art', 'upgrade.pause'], ['maintenance list', 'maintenance.list'], ['budget set --pool-max 4', 'budget.setGrants'],
  ['failover handover node-2', 'failover.handOver'], ['alerts mutes', 'alerts.mutes'],
];

describe.each<[ErrorCode, ExitCode]>([
  ['HOST_IN_USE', refused], ['HOST_LOCKED', refused], ['UPGRADE_RUNNING', refused], ['CAPACITY_TOO_SMALL', refused], ['NODE_SERVES', refused], ['RUN_STATE', refused], ['ROTATION_UNFINISHED', refused],
  ['HOST_UNREACHABLE', notRunning], ['CLUSTER_UNREACHABLE', notRunning], ['DATABASE_UNAVAILABLE', notRunning],
  ['ARGUMENT_INVALID', usage], ['HOST_NOT_FOUND', failed], ['AUTH_FAILED', failed], ['OUTCOME_UNKNOWN', failed], ['SSH_CONNECTION_LOST', failed], ['INTERNAL', failed], ['CANCELLED', interrupted],
])('%s ends every command with %i', (error, code) => {
  it.each(commands)('%s', async (line, operation) => {
    const told = await runBulkhead([...line.split(' '), '--json'], { [operation]: () => Promise.reject(new BulkheadError(error)) });
    expect([told.code, told.json]).toMatchObject([code, { error: { code: error } }]);
  });
});
