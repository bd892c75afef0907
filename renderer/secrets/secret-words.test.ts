import { expect, it } from 'vitest';
import { phasesDone, secretState } from './secret-words.ts';

const problem = { code: 'CREDENTIALS_INVALID', message: 'not known', hint: 'store it' };

it('never calls a secret well that is half replaced', () => {
  expect(secretState({ state: 'idle', problem: null }).tone).toBe('ok');
  expect(secretState({ state: 'interrupted', problem: null }).tone).toBe('warn');
  expect(secretState({ state: 'interrupted', problem }).tone).toBe('warn');
  expect(secretState({ state: 'idle', problem }).tone).toBe('unknown');
});

it('counts a phase when the next one has begun', () => {
  const at = (phase: number) => ({ clusterId: 'c', what: 'cluster-key', phase, phases: 3, title: '', nodeId: null }) as const;
  expect([null, at(1), at(3), at(9)].map((progress) => phasesDone(3, progress))).toEqual([0, 0, 2, 3]);
});
