import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const program = '/usr/sbin/sshd';
/** OpenSSH's server is on this machine. */
export const hasSshd = existsSync(program);

export interface SshDaemon extends AsyncDisposable {
  readonly port: number;
}

/**
 * OpenSSH's own server on a port of the loopback, as inetd would run it: a process for each connection, without rights. It greets and proves
 * to hold its key, and lets nobody in.
 * @param folder  for its configuration; readable to everybody from now on, with the keys that `options` name
 * @param options lines of its configuration
 */
export async function startSshd(folder: string, options: readonly string[]): Promise<SshDaemon> {
  const config = join(folder, 'sshd_config');
  writeFileSync(config, [...options, 'UsePAM no', 'StrictModes no', 'PidFile none', ''].join('\n'));
  chmodSync(folder, 0o755);
  for (const [, file] of options.map((line) => /^(?:HostKey|HostCertificate) (.+)$/.exec(line) ?? [])) if (file !== undefined) chmodSync(file, process.getuid?.() === 0 ? 0o644 : 0o600);
  const children = new Set<ChildProcess>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    // root would have it change the system's own folders
    const child = spawn(program, ['-i', '-f', config], { stdio: [socket, socket, 'ignore'], ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}) });
    children.add(child);
    child.once('exit', () => children.delete(child));
    socket.destroy();
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => { server.close(resolve); });
      await Promise.all([...children].map((child) => new Promise((resolve) => { child.once('exit', resolve).kill('SIGKILL'); })));
    },
  };
}
