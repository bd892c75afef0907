import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { afterSilence } from './silence.ts';

const standStill = (ms: number): void => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); };

test('who says nothing is lost, who says something in time is not', async () => {
  const lost = vi.fn();
  await new Promise<void>((resolve) => { afterSilence(5, resolve); });
  const end = afterSilence(5, lost);
  end();
  await pause(30);
  expect(lost).not.toHaveBeenCalled();
  end();
});

test('an answer that has arrived while the process stood still counts, also where it takes another turn to be understood', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'silence-'));
  const answered = join(folder, 'answered');
  const other = spawn('sh', ['-c', 'echo ready; read question; echo here; : > "$0"', answered]);
  await once(other.stdout, 'data');
  const outcome = new Promise<string>((resolve) => {
    const end = afterSilence(20, () => { resolve('lost'); });
    other.stdout.once('data', () => setImmediate(() => { end(); resolve('heard'); }));
  });
  other.stdin.write('are you there?\n');
  for (const until = performance.now() + 50; performance.now() < until || !existsSync(answered);) standStill(5);
  expect(await outcome).toBe('heard');
  other.stdin.end();
  rmSync(folder, { recursive: true });
});
