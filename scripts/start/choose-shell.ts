/** What decides between the desktop and the console. */
export interface Situation {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** effective user id; undefined where there is none (Windows) */
  readonly userId: number | undefined;
  /** content of /proc/sys/kernel/apparmor_restrict_unprivileged_userns, where it exists */
  readonly restrictedNamespaces: boolean;
}

/** Why Electron cannot show a window here, with what to do about it; null when nothing speaks against it. */
export function obstacleToDesktop({ platform, environment, userId, restrictedNamespaces }: Situation): string | null {
  if (platform !== 'linux') return null;
  if (!environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return 'there is no display (DISPLAY and WAYLAND_DISPLAY are not set)';
  if (userId === 0) return 'this is root, and as root Electron runs only without its sandbox, which we do not switch off; start it as a normal user';
  if (restrictedNamespaces) {
    return 'this system forbids unprivileged user namespaces, which Electron\'s sandbox needs: '
      + 'allow them with "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0", or install the packaged app, which brings an AppArmor profile';
  }
  return null;
}
