import type { Secret } from './secret.ts';
import type { ShellCommand } from './session.ts';
import type { Execution, Rise } from './shell/execute.ts';

/** How a login becomes root on its host. */
export type Privilege =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo' }
  /**
   * sudo asks for a password. `known`: the one that was given for it has been accepted. Without a password nobody can say
   * whether this user may use sudo at all: sudo asks first and decides later.
   */
  | { readonly kind: 'sudo-password'; readonly known: boolean; /** a password was there to be tried */ readonly given: boolean; /** what sudo said when it was given none */ readonly said: string; /** sudo's own question, where it is not the one that it is given */ readonly prompt?: string }
  /** not at all; `reason` is what the host said */
  | { readonly kind: 'none'; readonly reason: string };

const nothing: ShellCommand = { argv: ['true'] };

/** Tries the ways to become root, in the order in which they need less. */
export async function detectPrivilege(execute: (command: ShellCommand, rise: Rise) => Promise<Execution>, password: Secret | undefined): Promise<Privilege> {
  const look = await execute({ script: 'id -u; command -v sudo || echo none' }, { kind: 'none' });
  const [uid, sudo] = look.stdout.trim().split('\n');
  if (uid === '0') return { kind: 'root' };
  if (!look.started) return { kind: 'none', reason: look.noise };
  if (sudo === 'none') return { kind: 'none', reason: 'sudo is not installed' };
  const free = await execute(nothing, { kind: 'sudo', isFresh: true });
  if (free.started && free.exitCode === 0) return { kind: 'sudo' };
  const said = free.noise.slice(-500);
  if (password === undefined) return { kind: 'sudo-password', known: false, given: false, said };
  const asked = await execute(nothing, { kind: 'ask', password });
  if (asked.passwordRefused) return { kind: 'sudo-password', known: false, given: true, said };
  if (asked.started && asked.exitCode === 0) return { kind: 'sudo-password', known: true, given: true, said, ...(asked.otherPrompt === undefined ? {} : { prompt: asked.otherPrompt }) };
  return { kind: 'none', reason: refusalIn(asked.noise) };
}

/** What sudo says last: a lecture, and words about a wrong password, may come before it. What it was asked to run is not told in full: it is a script of ours. */
function refusalIn(noise: string): string {
  const last = noise.trim().split('\n').at(-1) ?? '';
  return last.replace(/\/bin\/sh -c .*'(?=[^']*$)/, "/bin/sh'").slice(-500);
}
