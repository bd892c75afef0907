import { expect, test } from 'vitest';
import { BulkheadError } from '../contract/index.ts';
import { LoginThrottle } from './login-throttle.ts';

/** Seconds to wait, 0 when the login may be tried. */
function waitOf(throttle: LoginThrottle, user: string, address: string): number {
  try {
    throttle.check(user, address);
    return 0;
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error;
    expect(error.code).toBe('LOGIN_THROTTLED');
    return (error.details as { retryAfterSeconds: number }).retryAfterSeconds;
  }
}

test('each further failure doubles the pause, up to a quarter of an hour', () => {
  let now = 0;
  const throttle = new LoginThrottle(() => now);
  for (let n = 0; n < 4; n += 1) throttle.failed('bob', '10.0.0.1');
  expect(waitOf(throttle, 'bob', '10.0.0.1')).toBe(0);
  const waits = Array.from({ length: 12 }, () => {
    throttle.failed('bob', '10.0.0.1');
    return waitOf(throttle, 'bob', '10.0.0.1');
  });
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]);
  now += 900_001;
  expect(waitOf(throttle, 'bob', '10.0.0.1')).toBe(0);
});

test('a success forgets the failures of the pair', () => {
  const throttle = new LoginThrottle(() => 0);
  for (let n = 0; n < 4; n += 1) throttle.failed('bob', '10.0.0.1');
  throttle.succeeded('bob', '10.0.0.1');
  for (let n = 0; n < 4; n += 1) throttle.failed('bob', '10.0.0.1');
  expect(waitOf(throttle, 'bob', '10.0.0.1')).toBe(0);
});

test('an address that tries many names is stopped, except for who has logged in from there', () => {
  const throttle = new LoginThrottle(() => 0);
  throttle.succeeded('ci', '10.0.0.1');
  for (let n = 0; n < 50; n += 1) throttle.failed(`user-${String(n)}`, '10.0.0.1');
  expect(waitOf(throttle, 'somebody', '10.0.0.1')).toBeGreaterThan(0);
  expect(waitOf(throttle, 'ci', '10.0.0.1')).toBe(0);
  expect(waitOf(throttle, 'somebody', '10.0.0.2')).toBe(0);
});
