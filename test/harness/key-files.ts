import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** OpenSSH's own tools are on this machine. */
export const hasOpenSsh = spawnSync('ssh-keygen', ['-?']).error === undefined && spawnSync('ssh-agent', ['-?']).error === undefined;

export interface KeyFile {
  readonly path: string;
  /** public key in base64 */
  readonly key: string;
  readonly fingerprint: string;
}

/** Makes a key with ssh-keygen, as a person would. */
export function makeKey(folder: string, name: string, passphrase = '', type = 'ed25519'): KeyFile {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', path]);
  const [, fingerprint = ''] = execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).split(' ');
  return { path, key: readFileSync(`${path}.pub`, 'utf8').split(' ')[1] ?? '', fingerprint };
}

/** A real agent with these keys; ends with `stop`. */
export async function startAgent(folder: string, keys: readonly KeyFile[]): Promise<{ socket: string; stop: () => Promise<void> }> {
  const socket = join(folder, 'agent.sock');
  const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => { agent.once('exit', () => resolve()); });
  while (!existsSync(socket)) await new Promise((resolve) => { setImmediate(resolve); });
  for (const { path } of keys) execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  return {
    socket,
    stop: async () => {
      agent.kill();
      await ended;
    },
  };
}
