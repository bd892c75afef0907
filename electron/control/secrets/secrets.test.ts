import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openState, type State } from '../state/index.ts';
import { createFileBox, SecretStore, type SecretBox } from './index.ts';

let folder: string;
let state: State;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-secrets-'));
  state = openState(folder);
});
afterEach(() => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
});

it('keeps a secret that another shell with the same box can read, and nobody in the file', async () => {
  const store = new SecretStore(state, createFileBox(folder));
  await store.write('cluster/lan/admin', 'correct horse');
  const other = new SecretStore(openState(folder), createFileBox(folder));
  expect(await other.read('cluster/lan/admin')).toBe('correct horse');
  expect(await other.read('nothing')).toBeUndefined();
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).includes('correct horse')).toBe(false);
  expect(statSync(join(folder, 'secrets.key')).mode & 0o777).toBe(0o600);
  expect(store.protection).toMatchObject({ protection: 'file' });
});

it('does not take a secret that was moved under another name', async () => {
  const store = new SecretStore(state, createFileBox(folder));
  await store.write('a', 'one');
  state.exec(`update secret set name = 'b'`);
  await expect(store.read('b')).rejects.toThrow();
});

it('never makes a second key when another way of running holds the first', async () => {
  await new SecretStore(state, createFileBox(folder)).write('a', 'one');
  const keychain: SecretBox = { ...createFileBox(folder), protection: 'keychain' };
  await expect(new SecretStore(state, keychain).read('a')).rejects.toMatchObject({ code: 'FORBIDDEN', details: { openedBy: ['file'] } });
});
