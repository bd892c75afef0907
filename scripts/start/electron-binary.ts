import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** Either the program, or why there is none. */
export type ElectronBinary = { readonly path: string } | { readonly missing: string };

export interface BinaryOptions {
  /** `node_modules/electron` */
  readonly packageFolder: string;
  /** file that remembers a download that failed */
  readonly memory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** told when a download begins */
  readonly onDownload: () => void;
  /** a download that failed is not tried again for this long, milliseconds */
  readonly retryAfterMs?: number;
  readonly probeMs?: number;
  readonly downloadMs?: number;
}

/**
 * The Electron binary: where it is already, else downloaded by Electron's own installer (which checks it against the
 * checksums in the package). Never hangs: no network is found out in seconds, the download has a limit, and a failure
 * is remembered for a while.
 */
export async function electronBinary(options: BinaryOptions): Promise<ElectronBinary> {
  const installed = installedBinary(options);
  if (installed !== null) return { path: installed };
  if (!existsSync(join(options.packageFolder, 'install.js'))) return { missing: 'the package "electron" is not installed' };
  const skip = options.environment['ELECTRON_SKIP_BINARY_DOWNLOAD'];
  if (skip !== undefined && skip !== '' && skip !== '0') return { missing: 'its download is switched off (ELECTRON_SKIP_BINARY_DOWNLOAD)' };
  const remembered = rememberedFailure(options);
  if (remembered !== null) return { missing: remembered };

  const failure = await downloaded(options);
  const path = failure === null ? installedBinary(options) : null;
  if (path !== null) return { path };
  const missing = failure ?? 'its download left no program behind';
  mkdirSync(join(options.memory, '..'), { recursive: true });
  writeFileSync(options.memory, missing);
  return { missing };
}

function installedBinary({ packageFolder, environment }: BinaryOptions): string | null {
  try {
    const name = readFileSync(join(packageFolder, 'path.txt'), 'utf8');
    const path = join(environment['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(packageFolder, 'dist'), name);
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

function rememberedFailure({ memory, retryAfterMs = 3_600_000 }: BinaryOptions): string | null {
  try {
    // the file's time has fractions of a millisecond, which the clock leaves away
    const age = Date.now() - Math.floor(statSync(memory).mtimeMs);
    if (age < 0 || age > retryAfterMs) return null;
    return `${readFileSync(memory, 'utf8')} (tried ${Math.max(1, Math.round(age / 60_000))} min ago; delete ${memory} to try again now)`;
  } catch {
    return null;
  }
}

/** Null when the installer succeeded, else why it did not. */
async function downloaded(options: BinaryOptions): Promise<string | null> {
  const server = downloadServer(options.environment);
  if (!(await answers(server, options.probeMs ?? 3000))) return `its binary is not here, and ${server.hostname} cannot be reached to download it`;
  options.onDownload();
  return runInstaller(options);
}

/** Host that the installer talks to first: the proxy or mirror that is configured, else where Electron is published. */
export function downloadServer(environment: NodeJS.ProcessEnv): URL {
  const proxy = environment['HTTPS_PROXY'] ?? environment['https_proxy'];
  const mirror = environment['ELECTRON_MIRROR'] ?? environment['npm_config_electron_mirror'];
  const wanted = [proxy, mirror].find((address) => address !== undefined && URL.canParse(address));
  return new URL(wanted ?? 'https://github.com/');
}

function answers(server: URL, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const port = server.port === '' ? (server.protocol === 'http:' ? 80 : 443) : Number(server.port);
    const socket = connect({ host: server.hostname, port });
    const decide = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    // the name look-up is inside this time too
    const timer = setTimeout(() => decide(false), patienceMs);
    socket.once('connect', () => decide(true));
    socket.once('error', () => decide(false));
  });
}

function runInstaller({ packageFolder, environment, downloadMs = 300_000 }: BinaryOptions): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(packageFolder, 'install.js')], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    let late = false;
    child.stderr.on('data', (part: Buffer) => { complaint = (complaint + part.toString()).slice(0, 2000); });
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, downloadMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(`its installer did not start: ${error.message}`);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (late) resolve(`its download took longer than ${Math.round(downloadMs / 1000)} s`);
      else resolve(code === 0 ? null : `its download failed: ${complaint.split('\n')[0] ?? ''}`);
    });
  });
}
