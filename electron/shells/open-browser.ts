import { spawn } from 'node:child_process';

export interface BrowserSituation {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** effective user id; undefined where there is none (Windows) */
  readonly userId: number | undefined;
}

export type BrowserCommand =
  | { readonly kind: 'open'; readonly program: string; readonly args: (address: string) => string[] }
  | { readonly kind: 'none'; readonly why: string };

/** How a browser is opened here, or why none is. */
export function browserCommand({ platform, environment, userId }: BrowserSituation): BrowserCommand {
  if (platform === 'darwin') return { kind: 'open', program: 'open', args: (address) => [address] };
  // `start` is a word of cmd.exe; its first quoted argument is a title
  if (platform === 'win32') return { kind: 'open', program: 'cmd.exe', args: (address) => ['/d', '/c', 'start', '""', address.replaceAll('&', '^&')] };
  const isWsl = environment['WSL_DISTRO_NAME'] !== undefined;
  const hasDisplay = Boolean(environment['DISPLAY']) || Boolean(environment['WAYLAND_DISPLAY']);
  if (!hasDisplay && !isWsl) return { kind: 'none', why: 'there is no display' };
  if (userId === 0) return { kind: 'none', why: 'a browser should not run as root' };
  return { kind: 'open', program: isWsl && !hasDisplay ? 'wslview' : 'xdg-open', args: (address) => [address] };
}

/** Opens a browser without waiting for it. Resolves to why it did not open, or to null. */
export function openBrowser(address: string, situation: BrowserSituation): Promise<string | null> {
  const command = browserCommand(situation);
  if (command.kind === 'none') return Promise.resolve(command.why);
  return new Promise((resolve) => {
    const child = spawn(command.program, command.args(address), { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(`${command.program} is not there`));
    child.once('spawn', () => {
      child.unref();
      resolve(null);
    });
  });
}

export function thisSituation(): BrowserSituation {
  return { platform: process.platform, environment: process.env, userId: process.geteuid?.() };
}
