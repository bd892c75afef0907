import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { userInfo } from 'node:os';
import { freePort } from '../../test/harness/free-port.ts';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { filled, startPeer, type Peer } from './peer.ts';

export interface Nginx extends Peer {
  /** folder of what it serves */
  readonly files: string;
  /** Writes a file below it. */
  put(path: string, content: Buffer | string): Promise<void>;
}

export async function startNginx(): Promise<Nginx> {
  const folder = await temporaryFolder('nginx');
  const files = join(folder.path, 'files');
  await mkdir(files);
  const port = await freePort();
  const config = join(folder.path, 'nginx.conf');
  await writeFile(config, await filled('nginx.conf', { folder: folder.path, port: String(port), user: userInfo().username }));
  const url = `http://127.0.0.1:${String(port)}`;
  const server = await startPeer({ command: 'nginx', args: ['-c', config, '-e', join(folder.path, 'error.log')], folder: folder.path, url });
  return {
    url, pid: server.pid, files,
    put: async (path, content) => {
      const file = join(files, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    },
    [Symbol.asyncDispose]: async () => { await server.stop(); await folder.remove(); },
  };
}
