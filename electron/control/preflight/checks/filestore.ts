import { failed, passed, plannedOf, whenPlanned, type Check } from '../check.ts';
import { hiddenFolders, isIn } from '../hidden-folders.ts';
import { untilEnd } from '../signal-trap.ts';

/** Folders of the app: what it removes there must not be artifacts. */
const ownFolders = ['/opt/bulkhead', '/etc/bulkhead', '/var/lib/bulkhead/runs'];

/**
 * As the service user: makes a file, gives it a second name, renames it, and syncs file and folder. These are the calls that the
 * node's durability rests on. Everything is taken away again. Other hosts try the same share at the same time, with process numbers
 * of their own: only mktemp gives each a name of its own.
 */
const trial = `
d="$(mktemp -d "$1/.bulkhead-check.XXXXXXXX" 2> /dev/null)" || exit 11
${untilEnd}trap 'rm -rf "$d"' EXIT
echo one > "$d/a" && sync "$d/a" || exit 12
ln "$d/a" "$d/b" || exit 13
ln "$d/a" "$d/b" 2> /dev/null && exit 14
mv "$d/a" "$d/c" && [ ! -e "$d/a" ] && [ "$(cat "$d/c")" = one ] || exit 15
[ "$(stat -c %h "$d/b")" = 2 ] || exit 16
sync "$d" || exit 17
`;

const meanings: Readonly<Record<number, string>> = {
  11: 'the service user may not make folders in it',
  12: 'a file cannot be written and synced',
  13: 'it does not support hard links',
  14: 'a hard link replaced a file that was there',
  15: 'a rename did not do what it must',
  16: 'it does not count hard links',
  17: 'a folder cannot be synced',
};

export const filestore: Check = {
  id: 'filestore',
  category: 'filestore',
  applicable: whenPlanned,
  async check(context) {
    const { filestore: path, serviceUid: uid, serviceGid: gid } = plannedOf(context);
    const unseen = hiddenFolders.find(isIn(path));
    if (unseen !== undefined) return failed(`${path} cannot be used: the service is kept from ${unseen}`, 'Mount the share elsewhere, below /srv or /mnt for example.');
    if (ownFolders.some(isIn(path))) return failed(`${path} cannot be used: the app keeps its own files there`, 'Mount the share elsewhere, below /srv or /mnt for example.');
    const there = await context.probe('test', '-d', path);
    const parent = path.replace(/\/[^/]+\/?$/, '') || '/';
    if (there.exitCode !== 0) {
      const share = await context.probe('test', '-d', parent);
      if (share.exitCode === 0) return passed(`${path} will be made in ${parent}`);
      return failed(`There is neither ${path} nor ${parent}`, `Mount the share that all nodes use, so that ${parent} is on it.`);
    }
    const { exitCode, stderr } = await context.probe(
      'setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--', 'sh', '-c', trial, 'sh', path,
    );
    if (exitCode === 0) return passed(`${path} can be written; links, renames and syncs do what they must`);
    return failed(`${path}: ${meanings[exitCode] ?? (stderr.trim() || `the trial ended with status ${exitCode}`)}`,
      `chown ${uid}:${gid} ${path}`, 'NFS: export with rw,sync and the same uid on all hosts; mount with hard.');
  },
};
