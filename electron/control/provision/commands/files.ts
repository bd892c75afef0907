import { asRoot, script, type CommandInput, type RemoteCommand } from '../remote-command.ts';

export interface HostFile {
  readonly path: string;
  readonly content: CommandInput;
  /** octal, for example "600" */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
}

/** Succeeds when the file is there with this content, mode and owner. The content is compared on the host and printed nowhere. */
export function fileIsSo({ path, content, mode, uid, gid }: HostFile): RemoteCommand {
  return {
    ...asRoot(...script('cmp -s - "$1" && [ "$(stat -c "%a %u:%g" "$1")" = "$2" ]', path, `${mode} ${uid}:${gid}`)),
    input: content,
  };
}

/** Replaces the file as a whole; a crash leaves the old one or the new one. */
export function writeFile({ path, content, mode, uid, gid }: HostFile): RemoteCommand {
  return { ...asRoot(...script(`${draft} && mv -f "$1.new" "$1"`, path, mode, `${uid}:${gid}`)), input: content };
}

const draft = 'umask 077; cat > "$1.new" && chmod "$2" "$1.new" && chown "$3" "$1.new" && sync "$1.new"';

/** The same for a file that was kept by `keepFormer`, with a note of what it is replaced by. */
export function replaceFile({ path, content, mode, uid, gid }: HostFile, folder: string): RemoteCommand {
  const noted = '{ [ ! -e "$4" ] || sha256sum < "$1.new" > "$4.written"; }';
  return { ...asRoot(...script(`${draft} && ${noted} && mv -f "$1.new" "$1"`, path, mode, `${uid}:${gid}`, keptAs(path, folder))), input: content };
}

/** Keeps what will be replaced. Running it again keeps the first copy. */
export function keepFormer(path: string, folder: string): RemoteCommand {
  return asRoot(...script('if [ -e "$1" ] && [ ! -e "$3" ]; then mkdir -p -m 700 "$2" && cp -p "$1" "$3"; fi', path, folder, keptAs(path, folder)));
}

/**
 * Puts the kept file back; removes the new one when there was none before. One that somebody has replaced since stays: a key that was rotated
 * meanwhile must not be taken back, because the other nodes have forgotten the old one.
 */
export function restoreFormer(path: string, folder: string): RemoteCommand {
  return asRoot(...script(
    'rm -f "$1.new"; if [ ! -e "$2" ]; then rm -f "$1"; '
    + 'elif [ -e "$1" ] && [ -e "$2.written" ] && [ "$(sha256sum < "$1")" != "$(cat "$2.written")" ]; then echo "$1 stays: it has been replaced since"; '
    + 'else cp -p "$2" "$1.new" && mv -f "$1.new" "$1"; fi',
    path, keptAs(path, folder),
  ));
}

export function makeFolder(path: string, mode: string): RemoteCommand {
  return asRoot('mkdir', '-p', '-m', mode, path);
}

/** Also what a write that was cut off has left beside each. */
export function removeFiles(...files: readonly string[]): RemoteCommand {
  return asRoot('rm', '-f', ...files.flatMap((each) => [each, `${each}.new`]));
}

/** Only an empty folder goes: what others have put there stays. */
export function removeEmptyFolders(...folders: readonly string[]): RemoteCommand {
  return asRoot(...script('for folder; do rmdir "$folder" 2>/dev/null || true; done', ...folders));
}

export function isFolder(path: string): RemoteCommand {
  return asRoot('test', '-d', path);
}

function keptAs(path: string, folder: string): string {
  return `${folder}/${path.slice(path.lastIndexOf('/') + 1)}`;
}
