import { expect, it } from 'vitest';
import { backendWords, balancerState, uninformedWords } from './balancer-words.ts';

it('claims to be in step only when the host has said so', () => {
  const applied = { appliedAt: 1, outdated: false };
  expect(balancerState(applied, null).tone).toBe('unknown');
  expect(balancerState({ ...applied, outdated: true }, null).word).toBe('behind the cluster');
  expect(balancerState(applied, { state: 'in-step', running: true }).tone).toBe('ok');
  expect(balancerState(applied, { state: 'in-step', running: false }).word).toBe('not running');
  expect(balancerState(applied, { state: 'unreachable', running: null }).tone).toBe('unknown');
  expect(balancerState({ appliedAt: null, outdated: true }, { state: 'missing', running: true }).word).toBe('never applied');
});

it('says what becomes of a node in the file', () => {
  const node = { nodeId: 'art-1', url: '' };
  expect(backendWords({ ...node, onHost: 'serving', wanted: 'serving' })).toEqual({ text: 'serving', same: true });
  expect(backendWords({ ...node, onHost: 'serving', wanted: 'draining' })).toEqual({ text: 'serving, will be draining', same: false });
  expect(backendWords({ ...node, onHost: null, wanted: 'serving' }).text).toBe('will be added, serving');
  expect(backendWords({ ...node, onHost: 'draining', wanted: null }).text).toBe('draining, will be taken out');
});

it('says what a node goes by that is not the cluster\'s', () => {
  const node = { nodeId: 'art-1', hostId: 'h', host: 'art-1', baseUrl: 'http://10.0.4.11:8081', untrusted: ['10.0.4.9'], stale: [] };
  expect(uninformedWords(node, 'https://art.lan')).toBe('art-1 tells clients http://10.0.4.11:8081, does not trust 10.0.4.9');
  expect(uninformedWords({ ...node, untrusted: [], stale: ['10.0.4.9'] }, node.baseUrl)).toBe('art-1 still trusts 10.0.4.9');
});
