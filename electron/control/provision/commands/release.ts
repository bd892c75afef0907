import { paths, releaseFolder } from '../paths.ts';
import type { Payload } from '../payload.ts';
import { asRoot, script, type RemoteCommand } from '../remote-command.ts';
import { removeEmptyFolders } from './files.ts';

export function payloadPath(release: string, { name }: Payload): string {
  return `${releaseFolder(release)}/${name}`;
}

export function payloadIsThere(release: string, payload: Payload): RemoteCommand {
  const { sha256, mode } = payload;
  return asRoot(...script('[ "$(stat -c %a "$1" 2>/dev/null)" = "$3" ] && echo "$2  $1" | sha256sum -c --status', payloadPath(release, payload), sha256, mode));
}

/** The upload has compared the SHA-256 on the host before the file got its name: once is enough for what was written a moment ago. */
export function payloadHasArrived(release: string, payload: Payload): RemoteCommand {
  return asRoot(...script('[ "$(stat -c "%a %s" "$1")" = "$2" ]', payloadPath(release, payload), `${payload.mode} ${String(payload.bytes)}`));
}

/** Takes the file from another release on the host when that has the same one: the runtime hardly ever changes. Fails when none has. */
export function reusePayload(release: string, payload: Payload): RemoteCommand {
  return asRoot(...script(
    'to="$1/$2/$3"; mkdir -p -m 755 "$1/$2"; for f in "$1"/*/"$3"; do '
    + '[ -f "$f" ] && [ ! "$f" -ef "$to" ] && [ "$(stat -c %a "$f")" = "$5" ] && echo "$4  $f" | sha256sum -c --status || continue; '
    + 'ln -f "$f" "$to.new" && mv -fT "$to.new" "$to" && exit 0; done; exit 1',
    paths.releases, release, payload.name, payload.sha256, payload.mode,
  ));
}

/** Removes a release with everything that a cut upload left in it, unless it is the one that runs. */
export function removeRelease(release: string): RemoteCommand {
  return asRoot(...script('[ "$(readlink "$1")" = "releases/$2" ] || rm -rf --one-file-system "$3"', paths.current, release, releaseFolder(release)));
}

export function releaseIsCurrent(release: string): RemoteCommand {
  return asRoot(...script('[ "$(readlink "$1")" = "$2" ]', paths.current, `releases/${release}`));
}

/** Prints the release that runs, an empty line when none does, and then those that are there. */
export function currentRelease(): RemoteCommand {
  return asRoot(...script('at=$(readlink "$1" || true); echo "${at#releases/}"; ls "$2" 2> /dev/null || true', paths.current, paths.releases));
}

/** Switches in one atomic step; the former target is kept in the run's folder. */
export function switchRelease(release: string, runFolder: string): RemoteCommand {
  return asRoot(...script(
    'if [ -L "$1" ] && [ ! -e "$3/current" ]; then mkdir -p -m 700 "$3" && readlink "$1" > "$3/current"; fi; ln -sfn "$2" "$1.new" && mv -fT "$1.new" "$1"',
    paths.current, `releases/${release}`, runFolder,
  ));
}

export function switchBack(runFolder: string): RemoteCommand {
  return asRoot(...script(
    'if [ -e "$2/current" ]; then ln -sfn "$(cat "$2/current")" "$1.new" && mv -fT "$1.new" "$1"; else rm -f "$1" "$1.new"; fi',
    paths.current, runFolder,
  ));
}

/** Removes the records of upgrades and restarts, unless a node is there that they are about. */
export function dropUpgradeRecords(): RemoteCommand {
  return asRoot(...script('[ -e "$1" ] || { rm -rf --one-file-system "$2/runs" && rmdir "$2" 2> /dev/null || true; }', paths.unitFile, paths.state));
}

/** All that is ours below the home folder. */
const ours = [paths.releases, paths.releasesRemoved, `${paths.home}/runs`, paths.current, `${paths.current}.new`];

/** Succeeds when nothing of ours is left in the home folder, and the folder itself is there only for what others have put into it. */
export function homeIsGone(): RemoteCommand {
  return asRoot(...script('home=$1; shift; [ -d "$home" ] || exit 0; for each; do [ ! -e "$each" ] && [ ! -L "$each" ] || exit 1; done; [ -n "$(ls -A "$home")" ]', paths.home, ...ours));
}

/** Takes away all releases, and what runs have kept beside them. What others have put into the home folder stays, a filestore above all, and so does a volume that is mounted there. */
export function removeHome(): readonly RemoteCommand[] {
  return [asRoot('rm', '-rf', '--one-file-system', ...ours), removeEmptyFolders(paths.home)];
}
