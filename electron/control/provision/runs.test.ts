import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../../test/harness/temporary-folder.ts';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { beginRunStepRow, endRunRow, insertRunRow, listRunRows, openState, type RunRow, type State } from '../state/index.ts';
import { findRun, nodeRunsLeft } from './read-runs.ts';
import { Runs, type RunsParts } from './runs.ts';
import { target as nodeOf } from './testing/target.ts';

let folder: TemporaryFolder;
let state: State;
beforeEach(async () => {
  folder = await temporaryFolder('runs');
  state = openState(folder.path);
});
afterEach(async () => {
  state.close();
  await folder.remove();
});

const host = { run: () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '' }), close: () => Promise.resolve() };
const parts = (): RunsParts => ({
  state, hosts: { access: () => Promise.resolve({}) }, clusters: {}, payloads: {}, connect: () => host, onEnd: () => undefined,
  otherWork: (target: string) => ({ steps: [{ id: 'put', title: 'put', probe: [], apply: [], verify: [], undo: [] }], secrets: [], canRollBack: true, subject: target.split(':')[0], settle: () => Promise.resolve() }),
}) as unknown as RunsParts;

it.each([['nginx:two nodes', 1, 'the same'], ['haproxy:two nodes', 2, 'another product']])('goes on with an interrupted run towards "%s" in %i run: %s', async (target, count) => {
  insertRunRow(state, { id: 'left', kind: 'balancer', clusterId: 'c', hostId: 'h', nodeId: 'lb', target: 'nginx:one node', state: 'running', failure: null, startedAt: 1, endedAt: null, heartbeatAt: 1 }, [{ step: 'put', title: 'put' }]);
  const run = await new Runs(parts()).other({ kind: 'balancer', clusterId: 'c', hostId: 'h', name: 'lb', target }, { signal: new AbortController().signal, caller: 'test' });
  expect(run).toMatchObject({ state: 'done', failure: null });
  const rows = listRunRows(state, 10);
  expect(rows).toHaveLength(count);
  // what the other one has left on the host can still be taken back by it
  expect(rows.find(({ id }) => id === 'left')?.target).toBe(count === 1 ? target : 'nginx:one node');
});

const left = { id: 'left', kind: 'balancer', clusterId: 'c', hostId: 'h', nodeId: 'lb', target: 'nginx:one node', state: 'failed', failure: null, startedAt: 1, endedAt: 2, heartbeatAt: 1 } as const;
const asked = { signal: new AbortController().signal, caller: 'test' };

it('says why a run could not begin again, and leaves none that seems to be under way', async () => {
  insertRunRow(state, left, [{ step: 'put', title: 'put' }]);
  const gone = { ...parts(), hosts: { access: () => Promise.reject(new BulkheadError('HOST_NOT_FOUND', 'There is no host "h"')) } } as unknown as RunsParts;
  expect(await new Runs(gone).resume('left', [], asked)).toMatchObject({ state: 'failed', failure: { code: 'HOST_NOT_FOUND' } });
});

it.each([['provision', 'provision'], ['remove', 'provision'], ['provision', 'remove']] as const)('does not go on with a run of kind "%s" that another one has followed on its host, of kind "%s"', async (kind, then) => {
  insertRunRow(state, { ...left, kind, nodeId: 'n1' }, [{ step: 'config', title: 'config' }]);
  insertRunRow(state, { ...left, id: 'later', kind: then, nodeId: 'n1', state: 'done', startedAt: 3 }, [{ step: 'config', title: 'config' }]);
  const runs = new Runs({ ...parts(), refuseWhileRotating: () => Promise.resolve() });
  // one that has changed nothing is in nobody's way: this one fails for another reason
  await runs.resume('left', [], asked).catch(() => undefined);
  endRunRow(state, 'left', 'failed', null, 4);
  beginRunStepRow(state, 'later', 'config', 'applying', 4);
  await expect(runs.resume('left', [], asked)).rejects.toMatchObject({ code: 'RUN_STATE', message: 'A later run has changed n1 on this host' });
});

it('takes no warnings on for a run that knows none, and does not begin it', async () => {
  insertRunRow(state, left, [{ step: 'put', title: 'put' }]);
  await expect(new Runs(parts()).resume('left', ['disk'], asked)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  expect(listRunRows(state, 1)).toMatchObject([{ state: 'failed' }]);
});

it('takes the lock of a node\'s host over from a run that has ended without releasing it, and says how to go on where one was interrupted', async () => {
  const ran: string[] = [];
  const locked = { ...host, run: ({ argv }: { argv: readonly string[] }) => { ran.push(argv.at(-1) ?? ''); return Promise.resolve({ exitCode: 75, stdout: 'ann on desk', stderr: '' }); } };
  const target = JSON.stringify(nodeOf);
  for (const id of ['cut-off', 'present']) insertRunRow(state, { ...left, id, kind: 'remove', hostId: 'h1', nodeId: 'n1', target }, [{ step: 'stop', title: 'stop' }]);
  insertRunRow(state, { ...left, id: 'killed', kind: 'provision', hostId: 'h1', nodeId: 'n1', target, state: 'running', endedAt: null }, [{ step: 'config', title: 'config' }]);
  const clusters = { secret: () => Promise.resolve('a secret'), get: () => ({ clusterId: 'c1', nodes: [] }) };
  const run = await new Runs({ ...parts(), clusters, connect: () => locked } as unknown as RunsParts).resume('present', [], asked);
  expect(run).toMatchObject({ state: 'failed', failure: { code: 'HOST_LOCKED', hint: expect.stringMatching(/run resume killed .* run rollback killed/) as string } });
  // first without, then with those that are over: this run itself among them, while it was not under way
  expect(ran).toEqual(['', expect.stringContaining('cut-off') as string]);
  expect(ran[1]).not.toContain('killed');
});

it('knows what was left on hosts for a cluster, and what was taken back or built upon since', () => {
  const make = (id: string, change: Partial<RunRow> & { isTouched?: boolean }): void => {
    const { isTouched = true, ...row } = change;
    insertRunRow(state, { ...left, id, kind: 'provision', hostId: `host-${id}`, ...row }, [{ step: 'config', title: 'config' }]);
    if (isTouched) beginRunStepRow(state, id, 'config', 'applying', 1);
  };
  make('failed', {});
  make('killed', { state: 'running', endedAt: null });
  make('untouched', { isTouched: false });
  make('taken-back', { state: 'rolled-back' });
  make('other', { clusterId: 'd' });
  make('removed', {});
  make('later', { kind: 'remove', hostId: 'host-removed', startedAt: 3 });
  expect(nodeRunsLeft(state, 'c').map(({ runId }) => runId).sort()).toEqual(['failed', 'killed']);
});

it('knows a run by what its id begins with, and none by nothing', () => {
  insertRunRow(state, { ...left, id: 'abcd' }, []);
  expect([findRun(state, 'abcd').id, findRun(state, 'ab').id]).toEqual(['abcd', 'abcd']);
  for (const id of ['', 'b']) expect(() => findRun(state, id)).toThrow(expect.objectContaining({ code: 'RUN_NOT_FOUND' }));
});

it('gives up the lock when it cannot be said what is to be done on the host', async () => {
  insertRunRow(state, { ...left, kind: 'provision', nodeId: 'n1', target: JSON.stringify(nodeOf) }, [{ step: 'config', title: 'config' }]);
  const ran: string[] = [];
  const silent = {
    ...host,
    run: ({ argv }: { argv: readonly string[] }) => {
      ran.push(/uname|mkdir|release/.exec(argv.join(' '))?.[0] ?? '');
      return argv[0] === 'uname' ? Promise.reject(new BulkheadError('CANCELLED')) : host.run();
    },
  };
  const clusters = { secret: () => Promise.resolve('a secret'), get: () => ({ clusterId: 'c1', nodes: [] }) };
  const run = await new Runs({ ...parts(), clusters, refuseWhileRotating: () => Promise.resolve(), connect: () => silent } as unknown as RunsParts).resume('left', [], asked);
  expect(run).toMatchObject({ state: 'failed', failure: { code: 'CANCELLED' } });
  expect(ran).toEqual(['mkdir', 'uname', 'release']);
});
