import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killTree } from '../harness/processes.ts';
import { bridge, labFolder, prefix } from './constants.ts';
import { giveUpOwnership, isOwner } from './owner.ts';
import { askNow, tryNow } from './system.ts';

/** Everything that a lab has made, of this process or of one that died: containers, links, namespaces, mounts, files. Harmless when there is nothing. */
export function takeDown(): void {
  for (const pid of containers()) killTree(pid);
  for (const link of names(askNow('ip', '-o', 'link', 'show'), /^\d+: ([^:@]+)/)) {
    if (link === bridge || link.startsWith(prefix)) tryNow('ip', 'link', 'delete', link);
  }
  for (const namespace of names(askNow('ip', 'netns', 'list'), /^(\S+)/)) {
    if (namespace.startsWith(prefix)) tryNow('ip', 'netns', 'delete', namespace);
  }
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '');
  // the innermost first; lazily, because the last process of a container may still be on its way out
  for (const mount of mounts.filter((each) => each === labFolder || each.startsWith(`${labFolder}/`)).reverse()) tryNow('umount', '-l', mount);
  if (existsSync(labFolder)) rmSync(labFolder, { recursive: true, force: true });
}

/** Processes of systemd-nspawn that hold a host of the lab. */
function containers(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
    try {
      const [program, ...args] = readFileSync(join('/proc', name, 'cmdline'), 'utf8').split('\0');
      return program?.endsWith('systemd-nspawn') === true && args.some((argument) => argument.startsWith(`--machine=${prefix}`));
    } catch {
      return false;
    }
  }).map(Number);
}

function names(text: string, expression: RegExp): string[] {
  return text.split('\n').flatMap((line) => expression.exec(line)?.[1] ?? []);
}

/** For the watchdog: only while the lab is still that of the process that has died. */
if (import.meta.main) {
  const pid = Number(process.argv[2]);
  if (isOwner(pid)) {
    takeDown();
    giveUpOwnership(pid);
  }
}
