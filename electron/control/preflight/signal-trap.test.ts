import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';
import { waitFor } from '../../../test/harness/wait-for.ts';
import { untilEnd } from './signal-trap.ts';

it('a script that a signal ends takes back what it has left', async () => {
  const folder = await temporaryFolder('trap');
  try {
    const file = join(folder.path, 'left');
    const script = spawn('sh', ['-c', `: > "$1"\n${untilEnd}trap 'rm -f "$1"' EXIT\n: > "$1.ready"; while :; do sleep 0.02; done`, 'sh', file], { stdio: 'ignore' });
    const ended = once(script, 'exit');
    await waitFor('the script to wait', () => existsSync(`${file}.ready`));
    script.kill('SIGTERM');
    await ended;
    expect(existsSync(file)).toBe(false);
  } finally {
    await folder.remove();
  }
});
