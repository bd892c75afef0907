import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../harness/free-port.ts';
import { killAtExit } from '../../harness/processes.ts';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { waitFor } from '../../harness/wait-for.ts';

export interface UpstreamRegistry extends AsyncDisposable {
  readonly url: string;
  /** Ends its process; nobody answers any more. */
  stop(): Promise<void>;
}

/** Debian's docker-registry (the reference implementation, 2.8) on loopback. */
export async function startUpstreamRegistry(): Promise<UpstreamRegistry> {
  await promisify(execFile)('docker-registry', ['--version']).catch(() => { throw new Error('this test needs: apt-get install -y --no-install-recommends docker-registry'); });
  const folder = await temporaryFolder('upstream-registry');
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const config = join(folder.path, 'config.yml');
  await writeFile(config, JSON.stringify({
    version: '0.1', log: { level: 'warn' }, storage: { filesystem: { rootdirectory: join(folder.path, 'data') } }, http: { addr: `127.0.0.1:${String(port)}` },
  }));
  const child = spawn('docker-registry', ['serve', config], { cwd: folder.path, stdio: 'ignore' });
  await once(child, 'spawn');
  killAtExit(child);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await waitFor('the upstream registry', async () => (await fetch(`${url}/v2/`).catch(() => undefined))?.status === 200);
  return {
    url, stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await folder.remove();
    },
  };
}
