import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/harness/free-port.ts';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { peersFromNpm } from './npm-packages.ts';
import { filled, startPeer, type Peer } from './peer.ts';

export interface Verdaccio extends Peer {
  /** Publishes one version, with the body that npm's clients send. */
  publish(name: string, body: string): Promise<void>;
}

/** @param upstream where it fetches what it does not have; without one it has local packages only */
export async function startVerdaccio(upstream?: string): Promise<Verdaccio> {
  const script = join(await peersFromNpm(), 'node_modules/verdaccio/bin/verdaccio');
  const folder = await temporaryFolder('verdaccio');
  const port = await freePort();
  const config = join(folder.path, 'config.yaml');
  await writeFile(config, await filled('verdaccio.yaml', { folder: folder.path, upstream: upstream ?? 'http://127.0.0.1:9/', proxy: upstream === undefined ? '' : 'upstream' }));
  const url = `http://127.0.0.1:${String(port)}`;
  const server = await startPeer({
    command: process.execPath, args: [script, '--config', config, '--listen', `127.0.0.1:${String(port)}`], folder: folder.path, url: `${url}/-/ping`, env: { NODE_ENV: 'production' },
  });
  return {
    url, pid: server.pid,
    publish: async (name, body) => {
      const answer = await fetch(`${url}/${name}`, { method: 'PUT', body, headers: { 'content-type': 'application/json' } });
      const text = await answer.text();
      if (answer.status !== 201) throw new Error(`Verdaccio did not take ${name}: ${String(answer.status)} ${text}`);
    },
    [Symbol.asyncDispose]: async () => { await server.stop(); await folder.remove(); },
  };
}
