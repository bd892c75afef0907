import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunFolder } from './run-folder.ts';

test('a clean run leaves nothing to tell', async () => {
  const folder = new RunFolder();
  expect(await folder.leaks()).toEqual([]);
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

test.runIf(process.platform === 'linux')('a process and a file that were left are told; the process is ended', async () => {
  const folder = new RunFolder();
  const child = spawn('sleep', ['600'], { env: { ...process.env, ...folder.environment }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  writeFileSync(join(folder.path, 'forgotten'), '');
  const leaks = await folder.leaks();
  await ended;
  folder.remove();
  expect(leaks).toEqual([`process ${String(child.pid)}: sleep 600`, `temporary files: ${join(folder.path, 'forgotten')}`]);
});
