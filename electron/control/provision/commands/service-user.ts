import { paths, serviceUser } from '../paths.ts';
import { asRoot, script, type RemoteCommand } from '../remote-command.ts';

const comment = 'Bulkhead node';

export function userIsThere(uid: number, gid: number): RemoteCommand {
  return asRoot(...script('[ "$(id -u "$1" 2>/dev/null):$(id -g "$1" 2>/dev/null)" = "$2" ]', serviceUser, `${uid}:${gid}`));
}

export function createUser(uid: number, gid: number): readonly RemoteCommand[] {
  return [
    asRoot(...script('getent group "$1" > /dev/null || groupadd --gid "$2" "$1"', serviceUser, String(gid))),
    asRoot(
      'useradd', '--uid', String(uid), '--gid', String(gid), '--no-create-home', '--home-dir', paths.home,
      '--shell', '/usr/sbin/nologin', '--comment', comment, serviceUser,
    ),
  ];
}

/** A user that provisioning has made is known by its comment; a group that nobody is in is nobody else's. One of a directory is not in these files. */
const accounts = `made() { grep -q "^$1:[^:]*:[^:]*:[^:]*:$2:" /etc/passwd; }
idle() { line=$(grep "^$1:" /etc/group) && [ -z "\${line##*:}" ] && gid=$(printf '%s' "$line" | cut -d : -f 3) && ! getent passwd | cut -d : -f 4 | grep -qx "$gid"; }`;

/** Succeeds when there is neither a user nor a group that `removeUser` would take away. */
export function userIsGone(): RemoteCommand {
  return asRoot(...script(`${accounts}\n! made "$@" && ! idle "$1"`, serviceUser, comment));
}

/** Takes away the user that provisioning has made. One that was there before, or comes from a directory, stays, and so does a group that others are in. */
export function removeUser(): RemoteCommand {
  return asRoot(...script(`${accounts}\n! made "$@" || userdel "$1" || exit $?\n! idle "$1" || groupdel "$1"`, serviceUser, comment));
}

/** Runs a program as the service user, also before there is a name for it. */
export function asService(uid: number, gid: number, ...argv: readonly string[]): RemoteCommand {
  return asRoot('setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--', ...argv);
}
