import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { asRoot, asService, command, paths, script, unitName, type CommandResult, type RemoteCommand, type Step } from '../provision/index.ts';
import type { ServiceIds } from './commands.ts';

/** Where releases wait until it is seen that the node does without them. Beside the others, so that each goes and comes back at once. */
const aside = paths.releasesRemoved;

/**
 * Moves releases out of the way. What `current` names, and what any process or its command line comes from, stays and is told: only
 * the host itself knows that at this moment.
 */
function setAside(names: readonly string[]): RemoteCommand {
  return asRoot(...script(
    'releases=$1 current=$(readlink "$2") aside=$3; shift 3; '
    + 'used=$(for p in /proc/[0-9]*; do readlink "$p/exe"; tr "\\0" "\\n" < "$p/cmdline"; done 2> /dev/null); '
    + 'for name; do [ -d "$releases/$name" ] || continue; '
    + 'if [ "$current" = "releases/$name" ]; then echo "kept $name: it is the current release"; continue; fi; '
    + 'case "$used" in *"$releases/$name/"*) echo "kept $name: a process runs from it"; continue ;; esac; '
    + 'mkdir -p -m 700 "$aside" && mv -T "$releases/$name" "$aside/$name" && echo "removed $name" || exit 1; done',
    paths.releases, paths.current, aside, ...names,
  ));
}

/** The service is up, and what it would start again with is whole. */
function currentIsWhole({ uid, gid }: ServiceIds): readonly RemoteCommand[] {
  return [
    asRoot('systemctl', 'is-active', '--quiet', unitName),
    { ...asService(uid, gid, `${paths.current}/node`, `${paths.current}/bulkhead-node.cjs`, 'version', '--json'), timeoutMs: 30_000 },
  ];
}

/** The clean-up after an upgrade that was proven. Its undo brings back what was set aside. */
export function oldReleasesStep(names: readonly string[], ids: ServiceIds): Step {
  return {
    id: 'old-releases', title: `Remove releases that nobody goes back to: ${names.join(', ')}`,
    probe: [asRoot(...script('releases=$1 aside=$2; shift 2; [ ! -e "$aside" ] || exit 1; for name; do [ ! -e "$releases/$name" ] || exit 1; done', paths.releases, aside, ...names))],
    apply: command(setAside(names)),
    verify: currentIsWhole(ids),
    undo: [asRoot(...script('[ -d "$2" ] || exit 0; for each in "$2"/*; do [ ! -d "$each" ] || [ -e "$1/${each##*/}" ] || mv -T "$each" "$1/${each##*/}"; done; rmdir "$2"', paths.releases, aside))],
  };
}

/** Frees the disk: from here on there is no way back to them. */
export function discardSetAside(): RemoteCommand {
  return { ...asRoot('rm', '-rf', '--one-file-system', aside), timeoutMs: 120_000 };
}

/**
 * Removes releases from a host that is locked. Resolves to what was done, line by line.
 * @throws STEP_FAILED when the node would not do without them; they are there again then
 */
export async function removeReleases(names: readonly string[], ids: ServiceIds, run: (command: RemoteCommand) => Promise<CommandResult>): Promise<string[]> {
  const step = oldReleasesStep(names, ids);
  if (await succeeds(step.probe, run)) return [];
  const lines: string[] = [];
  const applied = step.apply.flatMap((action) => (action.kind === 'command' ? [action.command] : []));
  for (const each of applied) {
    const { exitCode, stdout, stderr } = await run(each);
    lines.push(...stdout.split('\n').filter((line) => line !== ''));
    if (exitCode !== 0) return await takeBack(step, stderr, run);
  }
  if (!await succeeds(step.verify, run)) return await takeBack(step, 'the current release does not answer without them', run);
  const { exitCode, stderr } = await run(discardSetAside());
  if (exitCode !== 0) lines.push(`${aside} could not be removed: ${stderr.trim()}`);
  return lines;
}

async function succeeds(commands: readonly RemoteCommand[], run: (command: RemoteCommand) => Promise<CommandResult>): Promise<boolean> {
  for (const each of commands) {
    if ((await run(each)).exitCode !== 0) return false;
  }
  return true;
}

async function takeBack(step: Step, why: string, run: (command: RemoteCommand) => Promise<CommandResult>): Promise<never> {
  await succeeds(step.undo, run);
  throw new BulkheadError('STEP_FAILED', `Old releases stay on the host: ${why.trim()}`);
}
