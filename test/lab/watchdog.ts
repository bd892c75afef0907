import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { LabSlot } from './slot.ts';

/**
 * A process outside that waits for the end of this one, whatever ends it, and then takes the lab down.
 * Call the result when the lab has been taken down in order.
 */
export function watchOver({ number }: LabSlot): () => void {
  const takeDown = fileURLToPath(new URL('take-down.ts', import.meta.url));
  const script = 'while read -r word; do [ "$word" = done ] && exit 0; done; exec "$1" "$2" "$3"';
  // its standard input ends with this process; the environment is empty, so that nobody takes it for a part of the run that it outlives
  const child = spawn('sh', ['-c', script, 'bulkhead-lab-watchdog', process.execPath, takeDown, String(number)], {
    cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  child.unref();
  child.stdin.on('error', () => undefined);
  // a pipe is a socket to Node.js: it must not keep this process running
  if (child.stdin instanceof Socket) child.stdin.unref();
  return () => { child.stdin.end('done\n'); };
}
