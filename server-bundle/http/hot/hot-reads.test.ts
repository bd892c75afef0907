import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { hotReads } from './hot-reads.ts';

test('what cannot be found for an error is left to the long way', () => {
  const { head, request } = hotReads({
    find: () => { throw new Error('a defect'); },
    inFlight: { count: 0, of: () => 0, enter: () => () => undefined },
    requestId: () => 'id', finished: () => undefined, unfinished: () => () => undefined,
  });
  const fields = ['Host', 'h'];
  const socket = new Socket();
  expect(head({ method: 'GET', target: '/a', fields }, socket)).toBe(false);
  const asked = Object.assign(new IncomingMessage(socket), { method: 'GET', url: '/a', httpVersion: '1.1', rawHeaders: fields });
  expect(request(asked, new ServerResponse(asked))).toBe(false);
});
