import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openState, readSetting, writeSetting } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is open in two shells at once, for the owner only', () => {
  const one = openState(folder);
  const two = openState(folder);
  writeSetting(one, 'theme', 'dark');
  writeSetting(two, 'theme', 'light');
  expect(readSetting(one, 'theme')).toBe('light');
  expect(readSetting(one, 'nothing')).toBeUndefined();
  expect(statSync(join(folder, 'control.sqlite')).mode & 0o777).toBe(0o600);
  one.close();
  two.close();
});

it('refuses the state of a newer program instead of spoiling it', () => {
  const newer = openState(folder);
  newer.pragma('user_version = 99');
  newer.close();
  expect(() => openState(folder)).toThrow(expect.objectContaining({ code: 'VERSION_UNSUPPORTED' }) as Error);
});
