import { expect, test } from 'vitest';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { PeekKey } from '../cluster/ports.ts';
import { anonymousReadSetting } from './anonymous-read.ts';
import { hotIdentity } from './hot-identity.ts';
import { compileModel } from './permissions/access-model.ts';

test('rights of requests without credentials are made once, and anew when they change', () => {
  const entries = new Map<string, unknown>();
  const peek = ((key: string) => entries.get(key)) as PeekKey;
  const rights = (): unknown => hotIdentity(peek, { kind: 'anonymous' })?.rights;
  const model = (): void => { entries.set(cacheKeys.accessModel(), compileModel({ groups: [], targets: [], grants: [], repositories: [] })); };
  model();
  entries.set(cacheKeys.setting(anonymousReadSetting), true);
  const first = rights();
  expect(first).toMatchObject({ role: 'anonymous' });
  expect(rights()).toBe(first);
  entries.set(cacheKeys.setting(anonymousReadSetting), 'targets');
  const targets = rights();
  expect(targets).not.toBe(first);
  model();
  expect(rights()).not.toBe(targets);
});
