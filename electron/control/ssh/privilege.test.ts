import { expect, it } from 'vitest';
import { detectPrivilege } from './privilege.ts';
import { Secret } from './secret.ts';
import type { Execution } from './shell/execute.ts';

const done = (change: Partial<Execution>): Promise<Execution> => Promise.resolve({
  exitCode: 0, signal: null, stdout: '', stderr: '', durationMs: 1, truncated: false, started: true, noise: '', passwordRefused: false, ...change,
});

/** As a user who is not root sees it, on a host where sudo refuses with these words. */
function refusedWith(noise: string): ReturnType<typeof detectPrivilege> {
  return detectPrivilege((command) => ('script' in command ? done({ stdout: '1000\n/usr/bin/sudo\n' }) : done({ exitCode: 1, started: false, noise })), new Secret('x'));
}

it('tells what sudo said last, and not its lecture', async () => {
  expect(await refusedWith('We trust you have received the usual lecture.\n\n    #1) Respect the privacy of others.\n\nsudo: 1 incorrect password attempt\n')).toEqual({ kind: 'none', reason: 'sudo: 1 incorrect password attempt' });
});

it('tells what sudo does not allow in the words of sudo, without the script that it was to run', async () => {
  const said = `Sorry, user ann is not allowed to execute '/bin/sh -c cd /; printf '%s' x; read line' as root on web.`;
  expect(await refusedWith(said)).toEqual({ kind: 'none', reason: `Sorry, user ann is not allowed to execute '/bin/sh' as root on web.` });
});
