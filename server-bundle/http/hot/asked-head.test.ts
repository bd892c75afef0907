import { expect, test } from 'vitest';
import { askedHead } from './asked-head.ts';

test('names in any case, values as they came, and nothing of what does not matter', () => {
  expect(askedHead(['Host', 'h', 'AUTHORIZATION', 'Basic eA==', 'user-agent', 'x', 'X-Forwarded-For', '192.0.2.1, 10.0.0.1', 'x-request-ID', 'r-1'])).toEqual({
    authorization: 'Basic eA==', forwarded: '192.0.2.1, 10.0.0.1', requestId: 'r-1',
  });
  expect(askedHead(['host', 'h'])).toEqual({ authorization: undefined, forwarded: undefined, requestId: undefined });
});

test.each([
  [[]], [['Host', 'a', 'host', 'b']], [['Host', 'h', 'Range', 'bytes=0-1']], [['Host', 'h', 'if-None-match', '"a"']], [['Host', 'h', 'Content-Length', '0']], [['Host', 'h', 'Transfer-Encoding', 'chunked']],
  [['Host', 'h', 'Expect', '100-continue']], [['Host', 'h', 'Upgrade', 'h2c']], [['Host', 'h', 'Authorization', 'a', 'authorization', 'a']], [['Host', 'h', 'X-Forwarded-For', 'a', 'X-Forwarded-For', 'b']],
  [['Host', 'h', 'X-JFrog-Art-Api', 'k']], [['Host', 'h', 'x-bulkhead-trial', 't']],
])('%j goes the long way', (fields) => {
  expect(askedHead(fields)).toBeNull();
});
