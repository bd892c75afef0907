import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killTree } from '../harness/processes.ts';
import { tryToClaim } from './claim.ts';
import { removeGroups } from './control-groups.ts';
import { slots, type LabSlot } from './slot.ts';
import { askNow, tryNow } from './system.ts';

/**
 * Everything that a lab has made in this slot, of this process or of one that died: containers, the database, links, namespaces, mounts, files.
 * Harmless when there is nothing. Only for who has claimed the slot.
 */
export function takeDown({ folder, prefix, databaseAddress }: LabSlot): void {
  for (const pid of processes('systemd-nspawn', `--machine=${prefix}`)) killTree(pid);
  for (const pid of processes('postgres', `listen_addresses=127.0.0.1,${databaseAddress}`)) killTree(pid);
  for (const link of names(askNow('ip', '-o', 'link', 'show'), /^\d+: ([^:@]+)/)) {
    if (link.startsWith(prefix)) tryNow('ip', 'link', 'delete', link);
  }
  for (const namespace of names(askNow('ip', 'netns', 'list'), /^(\S+)/)) {
    if (namespace.startsWith(prefix)) tryNow('ip', 'netns', 'delete', namespace);
  }
  removeGroups(prefix);
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '');
  // the innermost first; lazily, because the last process of a container may still be on its way out
  for (const mount of mounts.filter((each) => each === folder || each.startsWith(`${folder}/`)).reverse()) tryNow('umount', '-l', mount);
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}

/** Processes of a program with an argument that begins so. */
function processes(name: string, beginning: string): number[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try {
      const [program, ...args] = readFileSync(join('/proc', pid, 'cmdline'), 'utf8').split('\0');
      return program?.endsWith(name) === true && args.some((argument) => argument.startsWith(beginning));
    } catch {
      return false;
    }
  }).map(Number);
}

function names(text: string, expression: RegExp): string[] {
  return text.split('\n').flatMap((line) => expression.exec(line)?.[1] ?? []);
}

/** For the watchdog of a process that has died. Whoever has claimed the slot meanwhile has cleared away what was left in it. */
if (import.meta.main) {
  const slot = slots.find(({ number }) => number === Number(process.argv[2]));
  const claim = slot === undefined ? undefined : await tryToClaim(slot);
  if (claim !== undefined) {
    takeDown(claim.slot);
    claim.release();
  }
}
