import { expect, it } from 'vitest';
import { auditOf, auditQuery } from './audit.ts';

it('asks a node as it wants to be asked', () => {
  expect(auditQuery({ limit: 100 })).toEqual({ limit: '100' });
  expect(auditQuery({ limit: 2, user: 'ci', result: 'refused', repository: 'libs', since: 0, until: 1000, before: 7 })).toEqual({
    limit: '2', user: 'ci', result: 'refused', repository: 'libs', since: '1970-01-01T00:00:00.000Z', until: '1970-01-01T00:00:01.000Z', cursor: '7',
  });
});

it('knows whether there is more', () => {
  const entry = { id: 7, at: '1970-01-01T00:00:01.000Z', user: 'ci', via: 'token', address: '::1', action: 'deploy', operation: 'PUT /', repository: 'libs', path: 'a', status: 201, result: 'OK', requestId: 'r', nodeId: 'n1' };
  expect(auditOf({ apiVersion: 1, entries: [entry], cursor: '7' })).toEqual({ entries: [{ ...entry, at: 1000 }], more: true });
  expect(auditOf({ apiVersion: 1, entries: [], cursor: null })).toEqual({ entries: [], more: false });
});
