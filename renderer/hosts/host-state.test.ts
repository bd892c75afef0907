import { expect, it } from 'vitest';
import type { WatchedHost } from '../../electron/contract/index.ts';
import { hostState, signInText } from './host-state.ts';

const seen = (reachability: WatchedHost['reachability'], code?: string): WatchedHost => ({
  hostId: 'a', name: 'a', address: 'a', node: null, reachability, since: null, roundTripMs: null, facts: null, problem: code === undefined ? null : { code, message: 'm', hint: 'h' },
});

it('never shows what was not seen as well', () => {
  expect(hostState(undefined)).toMatchObject({ word: 'not looked at', tone: 'unknown' });
  for (const reachability of ['connecting', 'unknown'] as const) expect(hostState(seen(reachability)).tone).toBe('unknown');
  expect(hostState(seen('unreachable', 'HOST_UNREACHABLE'))).toMatchObject({ word: 'unreachable', tone: 'bad', needs: null });
});

it.each([['HOST_KEY_UNKNOWN', 'trust'], ['HOST_KEY_CHANGED', 'replace'], ['AUTH_FAILED', 'sign-in'], ['NO_PRIVILEGE', 'privilege'], ['HOST_KEY_REVOKED', null], ['SOMETHING_NEW', 'sign-in']])('says what %s needs: %s', (code, needs) => {
  expect(hostState(seen('refused', code))).toMatchObject({ needs, problem: { code } });
});

it('has nothing to say against a host that is reached again', () => {
  expect(hostState(seen('reachable', 'HOST_KEY_UNKNOWN'))).toEqual({ word: 'reachable', tone: 'ok', problem: null, needs: null });
});

it('believes a key that was just trusted, for a while', () => {
  expect(hostState(seen('refused', 'HOST_KEY_UNKNOWN'), 1_000, 5_000).word).toBe('connecting');
  expect(hostState(seen('refused', 'HOST_KEY_UNKNOWN'), 1_000, 90_000).needs).toBe('trust');
  expect(hostState(seen('refused', 'AUTH_FAILED'), 1_000, 5_000).needs).toBe('sign-in');
});

it('lists the ways to sign in, in their order', () => {
  expect(signInText({ signIn: [{ kind: 'agent', detail: null }, { kind: 'password', detail: null }], hasSudoPassword: true })).toBe('agent, then password · sudo password');
});
