import { expect, test } from 'vitest';
import { IdentityChanged, IncarnationGone } from './connection/identity.ts';
import { databaseFailure } from './failure.ts';

const failed = (fields: Readonly<Record<string, string>>): Error => Object.assign(new Error('whatever it says'), fields);

test('a session that is refused because its node was given up says that the node does not serve, so that another one is asked', () => {
  for (const refused of [new IncarnationGone('gone'), new IdentityChanged('another')]) {
    expect(databaseFailure(refused)).toMatchObject({ code: 'NOT_SERVING', status: 503, cause: refused });
  }
});

test('SQLSTATE and errno decide', () => {
  expect(databaseFailure(failed({ code: '57P01', severity: 'FATAL' }))?.code).toBe('DATABASE_UNAVAILABLE');
  expect(databaseFailure(failed({ code: '08006' }))?.code).toBe('DATABASE_UNAVAILABLE');
  expect(databaseFailure(failed({ code: '57014', severity: 'ERROR' }))?.code).toBe('OVERLOADED');
  expect(databaseFailure(failed({ code: 'ECONNREFUSED', syscall: 'connect' }))?.code).toBe('DATABASE_UNAVAILABLE');
  for (const code of ['22021', '22P05']) expect(databaseFailure(failed({ code, severity: 'ERROR' }))).toMatchObject({ code: 'BODY_INVALID', status: 400 });
  // a client's connection that broke, and an error of ours
  expect(databaseFailure(failed({ code: 'ECONNRESET', syscall: 'read' }))).toBeNull();
  expect(databaseFailure(failed({ code: '23505', severity: 'ERROR' }))).toBeNull();
  expect(databaseFailure(new Error('no code'))).toBeNull();
});
