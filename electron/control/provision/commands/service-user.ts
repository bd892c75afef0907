import { paths, serviceUser } from '../paths.ts';
import { asRoot, script, type RemoteCommand } from '../remote-command.ts';

export function userIsThere(uid: number, gid: number): RemoteCommand {
  return asRoot(...script('[ "$(id -u "$1" 2>/dev/null):$(id -g "$1" 2>/dev/null)" = "$2" ]', serviceUser, `${uid}:${gid}`));
}

export function createUser(uid: number, gid: number): readonly RemoteCommand[] {
  return [
    asRoot(...script('getent group "$1" > /dev/null || groupadd --gid "$2" "$1"', serviceUser, String(gid))),
    asRoot(
      'useradd', '--uid', String(uid), '--gid', String(gid), '--no-create-home', '--home-dir', paths.home,
      '--shell', '/usr/sbin/nologin', '--comment', 'Bulkhead node', serviceUser,
    ),
  ];
}

export function removeUser(): readonly RemoteCommand[] {
  return [
    asRoot(...script('if getent passwd "$1" > /dev/null; then userdel "$1"; fi', serviceUser)),
    asRoot(...script('if getent group "$1" > /dev/null; then groupdel "$1"; fi', serviceUser)),
  ];
}

/** Runs a program as the service user, also before there is a name for it. */
export function asService(uid: number, gid: number, ...argv: readonly string[]): RemoteCommand {
  return asRoot('setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--', ...argv);
}
