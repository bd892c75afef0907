import { expect, it } from 'vitest';
import type { ObservedState } from '../../../server-bundle/contract/index.ts';
import { conditionOf, isFact, observedFor, type Evidence } from './condition.ts';
import { ConditionTracks } from './condition-track.ts';

const nothing: Evidence = { own: null, silentMs: null, cluster: null, unit: null, host: null, intervalMs: 1000 };
const own = (state: ObservedState, ageMs = 100): Evidence['own'] => ({ state, ageMs });
const heard = (state: ObservedState, viewAgeMs = 200, heartbeatAgeMs: number | null = 300): Evidence['cluster'] => ({ state, viewAgeMs, heartbeatAgeMs });
const unit = (activeState: string, ageMs = 100, more: Partial<NonNullable<Evidence['unit']>> = {}): Evidence['unit'] => ({ activeState, subState: '', result: 'success', loaded: true, ageMs, ...more });
const host = (reachability: NonNullable<Evidence['host']>['reachability'], problem: string | null = null): Evidence['host'] => ({ name: 'h1', reachability, problem });
const condition = (more: Partial<Evidence>): string => conditionOf({ ...nothing, ...more }).condition;

it.each([
  ['serving', 'serving'], ['starting', 'starting'], ['draining', 'draining'], ['drained', 'drained'], ['fenced', 'fenced'], ['no-database', 'cut-off-from-database'], ['stopped', 'draining'],
] as const)('believes the own word of a node that says %s', (state, expected) => {
  expect(condition({ own: own(state), unit: unit('active'), host: host('reachable') })).toBe(expected);
  // also when this machine has lost the host meanwhile, and when the others have not noticed yet
  expect(condition({ own: own(state), host: host('unreachable'), cluster: heard('serving') })).toBe(expected);
});

it.each(['inactive', 'failed', 'activating'])('calls a node whose service is %s down, on a host that is up', (activeState) => {
  expect(condition({ unit: unit(activeState), host: host('reachable') })).toBe('host-up-node-down');
  // a view that still names it as serving is older than that
  expect(condition({ unit: unit(activeState), host: host('reachable'), cluster: heard('serving') })).toBe('host-up-node-down');
});

it('lets the newer of service and own word count', () => {
  expect(condition({ own: own('serving', 900), unit: unit('inactive', 100) })).toBe('host-up-node-down');
  expect(condition({ own: own('starting', 100), unit: unit('inactive', 900) })).toBe('starting');
});

it('calls a missing service down too', () => {
  const verdict = conditionOf({ ...nothing, unit: unit('inactive', 0, { loaded: false }), host: host('reachable') });
  expect(verdict).toEqual({ condition: 'host-up-node-down', sentence: 'h1 answers; there is no service on it' });
});

it('says why a service is down, and that it is started again', () => {
  expect(conditionOf({ ...nothing, unit: unit('failed', 0, { result: 'exit-code' }), host: host('reachable') }).sentence).toBe('h1 answers; the service has failed (exit-code)');
  expect(conditionOf({ ...nothing, unit: unit('activating', 0, { subState: 'auto-restart', result: 'signal' }), host: host('reachable') }).sentence)
    .toBe('h1 answers; the service has ended (signal) and is started again');
});

it('takes the heartbeat for a node that this machine cannot ask, as long as both view and heartbeat are young', () => {
  expect(conditionOf({ ...nothing, cluster: heard('serving'), host: host('unreachable', 'timeout') }))
    .toEqual({ condition: 'serving', sentence: 'By its heartbeat the node is serving; h1 does not answer this machine' });
  expect(condition({ cluster: heard('draining') })).toBe('draining');
  expect(condition({ cluster: heard('serving', 200, 9000), host: host('unreachable') })).toBe('host-unreachable');
  expect(condition({ cluster: heard('serving', 9000, 100), host: host('unreachable') })).toBe('host-unreachable');
  expect(condition({ cluster: heard('serving', 200, null), host: host('unreachable') })).toBe('host-unreachable');
});

it('does not take the verdict of others for a word of the node', () => {
  for (const state of ['unreachable', 'stopped'] as const) expect(condition({ cluster: heard(state) })).toBe('unknown');
});

it('calls a node silent when its service runs and it does not answer for a while', () => {
  const evidence = { unit: unit('active'), host: host('reachable'), cluster: heard('unreachable', 200, 8000) };
  expect(condition({ ...evidence, silentMs: 5000 })).toBe('node-silent');
  expect(condition({ ...evidence, silentMs: 1000 })).toBe('unknown');
  // nobody could ask it: that is not its silence
  expect(condition({ ...evidence, silentMs: null })).toBe('unknown');
});

it('forgets what is older than three intervals', () => {
  expect(condition({ own: own('serving', 3000) })).toBe('serving');
  expect(condition({ own: own('serving', 3001) })).toBe('unknown');
  expect(condition({ own: own('serving', 3001), intervalMs: 10_000 })).toBe('serving');
  expect(condition({ unit: unit('failed', 3001), host: host('unreachable') })).toBe('host-unreachable');
});

it('tells a host that is gone from one that does not let this app in, and from one that was never asked', () => {
  expect(conditionOf({ ...nothing, host: host('unreachable', 'timeout') })).toEqual({ condition: 'host-unreachable', sentence: 'h1 cannot be reached (timeout)' });
  expect(condition({ host: host('refused', 'wrong password') })).toBe('unknown');
  for (const reachability of ['connecting', 'unknown', 'reachable'] as const) expect(condition({ host: host(reachability) })).toBe('unknown');
});

it('gives every combination of evidence one condition, and no fact without a young sign', () => {
  const states: (ObservedState | null)[] = [null, 'starting', 'serving', 'draining', 'drained', 'no-database', 'fenced', 'unreachable', 'stopped'];
  const ages = [0, 2999, 60_000];
  for (const ownState of states) for (const ownAge of ages) for (const clusterState of states) for (const clusterAge of ages) {
    for (const activeState of [null, 'active', 'inactive', 'failed', 'activating', 'deactivating']) for (const unitAge of ages) {
      for (const reachability of ['connecting', 'reachable', 'unreachable', 'refused', 'unknown'] as const) for (const silentMs of [null, 9000]) {
        const evidence: Evidence = {
          own: ownState === null ? null : own(ownState, ownAge), cluster: clusterState === null ? null : heard(clusterState, clusterAge, clusterAge),
          unit: activeState === null ? null : unit(activeState, unitAge), host: host(reachability), silentMs, intervalMs: 1000,
        };
        const verdict = conditionOf(evidence);
        const isYoung = [ownState === null ? 60_000 : ownAge, clusterState === null ? 60_000 : clusterAge, activeState === null ? 60_000 : unitAge].some((age) => age < 60_000);
        if (isFact(verdict.condition) && !isYoung) throw new Error(`${verdict.condition} from ${JSON.stringify(evidence)}`);
        if (verdict.condition === 'host-unreachable' && reachability !== 'unreachable') throw new Error(JSON.stringify(evidence));
        if (verdict.condition === 'serving' && observedFor(verdict.condition) !== 'serving') throw new Error(JSON.stringify(evidence));
        if (!isFact(verdict.condition) && observedFor(verdict.condition) !== 'unreachable') throw new Error(JSON.stringify(evidence));
      }
    }
  }
});

it('remembers what a node was before it fell silent, and when it was last heard', () => {
  const tracks = new ConditionTracks();
  expect(tracks.note('n', { condition: 'serving', sentence: '' }, 1000, 1100)).toMatchObject({ since: null, lastKnown: null });
  expect(tracks.note('n', { condition: 'serving', sentence: '' }, 2000, 2100)).toMatchObject({ since: null, lastKnown: null });
  expect(tracks.note('n', { condition: 'host-unreachable', sentence: '' }, 2000, 9000)).toMatchObject({ since: 2000, lastKnown: { condition: 'serving', at: 2000 } });
  expect(tracks.note('n', { condition: 'unknown', sentence: '' }, 2000, 10_000)).toMatchObject({ since: 2000, lastKnown: { condition: 'serving', at: 2000 } });
  expect(tracks.note('n', { condition: 'starting', sentence: '' }, 20_000, 20_050)).toMatchObject({ since: 20_050, lastKnown: null });
});
