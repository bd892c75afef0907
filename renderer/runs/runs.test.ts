import { describe, expect, it } from 'vitest';
import type { RunDetail } from '../../electron/contract/index.ts';
import { FakeRun } from '../testing/fakes/fake-run.ts';
import { failedProof, nodeJournal } from '../testing/fakes/fake-steps.ts';
import { failedStep } from './failed-step.ts';
import { runActions } from './run-actions.ts';
import { groupRuns, groupState, runPhase, servingAfterMs } from './run-groups.ts';
import { outcomeOf, positionOf, runState, runSubject, segmentsOf, workedMs } from './run-words.ts';

const start = 1_700_000_000_000;
const run = (nodeId: string, at = start, kind: 'provision' | 'remove' = 'provision'): FakeRun => new FakeRun(kind, { clusterId: 'c', hostId: `host-${nodeId}`, nodeId }, at, () => undefined);

describe('one run', () => {
  it('says which step is under way and what comes next', () => {
    const { number, count, step, next } = positionOf(run('a').upTo('bundle', 'running').detail);
    expect([number, count, step?.title, next?.title]).toEqual([4, 17, 'Install the node', 'Create the service user']);
    expect(segmentsOf(run('a').upTo('bundle', 'running').detail).slice(2, 6)).toEqual(['done', 'now', 'waiting', 'waiting']);
  });

  it('stands at the step that failed', () => {
    expect(positionOf(run('a').upTo('start', 'failed').detail).step?.title).toBe('Start the node');
    expect(outcomeOf(run('a').upTo('start', 'failed').detail)).toBe('It stopped at “Start the node”.');
  });

  it('walks backwards when it is rolled back', async () => {
    const back = run('a').upTo('user', 'failed');
    await back.back();
    expect(back.detail.steps.filter(({ state }) => state === 'undone').map(({ step }) => step)).toEqual(['home', 'runtime', 'bundle', 'user']);
    expect([runState(back.detail).word, outcomeOf(back.detail)]).toEqual(['rolled back', 'The host is as it was before the run.']);
  });

  it('says when nothing changed', () => {
    const same = run('a').upTo('end', 'done', null, true).detail;
    expect([runState(same), outcomeOf(same)]).toEqual([{ word: 'nothing changed', tone: 'ok' }, 'Everything on a was so already: nothing changed.']);
  });

  it('calls what was interrupted by its name', () => {
    expect((['provision', 'remove', 'balancer'] as const).map((kind) => runSubject(kind, 'a'))).toEqual(['Provisioning of a', 'The removal of a', 'The change of the balancer on a']);
  });

  it('tells an interrupted run that has changed something from one that has not', () => {
    expect(outcomeOf(run('a').upTo('bundle', 'interrupted').detail)).toMatch(/stays on the host/);
    const untouched = { ...run('a').detail, state: 'interrupted' as const };
    expect(outcomeOf(untouched)).toMatch(/before it had changed anything/);
  });

  it('counts the time that was worked, not the night in between', () => {
    const { detail } = run('a').upTo('end', 'done');
    expect(workedMs(detail, start)).toBe((detail.endedAt ?? 0) - start);
    expect(workedMs({ ...detail, endedAt: start + 86_400_000 }, start)).toBeLessThan(10_000);
    expect(workedMs({ ...detail, state: 'running', endedAt: null }, start + 9_000)).toBe(9_000);
  });
});

describe('what can be done with a run', () => {
  const offered = (detail: RunDetail): string[] => runActions(detail, null).map(({ label }) => label);

  it('offers to go on with it or to take it back, and nothing once it is over', async () => {
    expect(offered(run('a').upTo('bundle', 'running').detail)).toEqual(['Cancel']);
    for (const state of ['failed', 'cancelled', 'interrupted'] as const) expect(offered(run('a').upTo('bundle', state).detail)).toEqual(['Retry from here', 'Roll back']);
    expect(offered(run('a').upTo('end', 'done').detail)).toEqual([]);
    const back = run('a').upTo('user', 'failed');
    await back.back();
    expect(offered(back.detail)).toEqual([]);
    expect(offered({ ...back.detail, state: 'interrupted' })).toEqual(['Roll back']);
  });

  it('takes no removal back', () => {
    expect(offered(run('a', start, 'remove').upTo('unit', 'failed').detail)).toEqual(['Retry from here']);
  });

  it('names what a rollback takes back, the last first', () => {
    const [, rollback] = runActions(run('a').upTo('user', 'failed').detail, null);
    expect(rollback?.question?.does[0]).toBe('4 steps are taken back, the last first: Create the service user, Install the node, Install the runtime, Make /opt/bulkhead.');
  });

  it('lets risks be taken on by name where a run stopped at them', async () => {
    const stopped = run('a').upTo('preflight', 'failed', { code: 'WARNINGS_NOT_ACCEPTED', message: 'soft mount', hint: '', details: [{ id: 'filestore-mount', found: 'mounted soft', fixes: ['Mount it hard'] }] }).detail;
    const accept = runActions(stopped, null).find(({ label }) => label === 'Take it on and go on');
    expect(accept?.question?.breaks).toEqual(['mounted soft']);
    const calls: unknown[] = [];
    await accept?.run({ call: (_name: string, args: unknown) => { calls.push(args); return Promise.resolve(); } } as never, new AbortController().signal);
    expect(calls).toEqual([{ runId: stopped.runId, acceptWarnings: ['filestore-mount'] }]);
  });
});

describe('runs that belong together', () => {
  const done = (nodeId: string, at: number): RunDetail => run(nodeId, at).upTo('end', 'done').detail;

  it('groups what one click has started, also nodes that come one after the other', () => {
    const first = done('art-2', start);
    const after = done('art-10', (first.endedAt ?? 0) + 200);
    const groups = groupRuns([first, after, done('art-1', start + 400), done('art-2', start + 3_600_000)]);
    expect(groups.map(({ runs }) => runs.map(({ nodeId }) => nodeId))).toEqual([['art-2'], ['art-1', 'art-2', 'art-10']]);
  });

  it('tells what goes on from what nobody carries out any more', () => {
    const phase = (...runs: RunDetail[]): string => runPhase(groupRuns(runs)[0]!);
    expect(phase(done('a', start), run('b').upTo('bundle', 'running').detail)).toBe('going');
    expect(phase(done('a', start), run('b').upTo('bundle', 'interrupted').detail)).toBe('interrupted');
    expect(phase(done('a', start), run('b').upTo('bundle', 'failed').detail)).toBe('ended');
  });

  it('takes the worst word for all of them', () => {
    expect(groupState(groupRuns([done('a', start), done('b', start)])[0]!).word).toBe('2 serve');
    expect(groupState(groupRuns([done('a', start), run('b').upTo('start', 'failed').detail])[0]!)).toEqual({ word: '1 of 2 failed', tone: 'bad' });
    expect(groupState(groupRuns([run('a').upTo('end', 'done', null, true).detail])[0]!).word).toBe('nothing changed');
  });

  it('measures from the click to the last one serving', () => {
    const [group] = groupRuns([done('a', start), done('b', start + 300)]);
    const last = (group?.endedAt ?? 0) - start;
    expect(servingAfterMs(group!, null)).toBe(last);
    expect(servingAfterMs(group!, start - 500)).toBe(last + 500);
    expect(servingAfterMs(groupRuns([done('a', start), run('b').upTo('start', 'failed').detail])[0]!, null)).toBeNull();
    expect(servingAfterMs(groupRuns([run('a').upTo('end', 'done', null, true).detail])[0]!, null)).toBeNull();
    expect(servingAfterMs(groupRuns([{ ...done('a', start), endedAt: start + 86_400_000 }])[0]!, null)).toBeNull();
  });
});

describe('a failure', () => {
  it("has the command, its last lines and the node's own log", () => {
    const failed = failedStep(run('a').upTo('prove', 'failed', { code: 'STEP_FAILED', message: 'no', hint: 'mend it' }).withCommands([failedProof, nodeJournal]).detail);
    expect(failed?.title).toBe('Prove that the node serves');
    expect([failed?.command?.exitCode, failed?.lines.length, failed?.log.some((line) => line.includes('FILESTORE_FOREIGN'))]).toEqual([69, 1, true]);
  });

  it('lists the checks that failed, with how to mend them', () => {
    const failed = failedStep(run('a').upTo('preflight', 'failed', { code: 'PREFLIGHT_FAILED', message: 'x', hint: 'y', details: [{ id: 'disk', found: 'full', fixes: ['free it'] }] }).detail);
    expect(failed?.checks).toEqual([{ id: 'disk', found: 'full', fixes: ['free it'] }]);
  });

  it('is none of a run that was cancelled or is well', () => {
    expect(failedStep(run('a').upTo('bundle', 'cancelled', { code: 'CANCELLED', message: '', hint: '' }).detail)).toBeNull();
    expect(failedStep(run('a').upTo('end', 'done').detail)).toBeNull();
  });
});
