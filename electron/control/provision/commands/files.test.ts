import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RemoteCommand } from '../remote-command.ts';
import { keepFormer, replaceFile, restoreFormer, type HostFile } from './files.ts';

let folder: string;
let file: HostFile;
let run: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-files-'));
  run = join(folder, 'run');
  file = { path: join(folder, 'key'), content: { text: 'of this run\n', placeholder: null }, mode: '600', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
});
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

/** The command itself, on this machine. */
function carryOut({ argv, input }: RemoteCommand): string {
  const [program = '', ...rest] = argv;
  const { status, stdout, stderr } = spawnSync(program, rest, { input: input?.text ?? '', encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}
const replace = (): void => { for (const each of [keepFormer(file.path, run), replaceFile(file, run)]) carryOut(each); };
const restore = (): string => carryOut(restoreFormer(file.path, run));
const content = (): string => readFileSync(file.path, 'utf8');

it('puts back what was there before the run, also when that is done twice', () => {
  writeFileSync(file.path, 'before\n');
  replace();
  replace();
  expect(content()).toBe('of this run\n');
  restore();
  restore();
  expect(content()).toBe('before\n');
  expect(readdirSync(folder).sort()).toEqual(['key', 'run']);
});

it('leaves what somebody has replaced since', () => {
  writeFileSync(file.path, 'before\n');
  replace();
  writeFileSync(file.path, 'rotated\n');
  expect(restore()).toContain('replaced since');
  expect(content()).toBe('rotated\n');
});

it('removes what was not there before, whatever it holds now', () => {
  replace();
  writeFileSync(file.path, 'rotated\n');
  restore();
  expect(existsSync(file.path)).toBe(false);
});
