import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, createWirePair, serve, type ClosableClient, type DemoDescription, type JournalEntry, type Topology } from '../../electron/contract/index.ts';
import { createControlRoom } from '../../electron/control/index.ts';
import { ensureBuilt, projectRoot } from '../../scripts/build.ts';
import { waitFor } from '../harness/wait-for.ts';

export interface Programs {
  readonly nodeBundlePath: string;
  readonly nodeRuntimePath: string;
}

/** The built node, in a copy of the test's own: a build of somebody else must not take it away in between. */
export async function copyPrograms(folder: string): Promise<Programs> {
  await ensureBuilt(['node']);
  const nodeBundlePath = join(folder, 'bulkhead-node.cjs');
  await copyFile(join(projectRoot, 'out/server-bundle/bulkhead-node.cjs'), nodeBundlePath);
  return { nodeBundlePath, nodeRuntimePath: process.execPath };
}

/** A control room in this process, and a screen's client at the other end of a wire. */
export interface OpenRoom extends AsyncDisposable {
  readonly client: ClosableClient;
  /** the newest picture of the demo */
  picture(): Topology | null;
  /** Waits for a picture for which `accept` holds. */
  until(what: string, accept: (topology: Topology) => boolean, timeoutMs?: number): Promise<Topology>;
  journal(): Promise<JournalEntry[]>;
}

/** @param folder for the app's state; the demo's data goes where the test says */
export async function openRoom(folder: string): Promise<OpenRoom> {
  const programs = await copyPrograms(folder);
  const room = await createControlRoom({ stateDir: join(folder, 'state'), shell: 'cli', version: '0.1.0', ...programs });
  const internal: unknown[] = [];
  const client = connect(() => {
    const pair = createWirePair();
    serve(room.handlers, pair.control, { caller: 'cli', onInternalError: (operation, error) => internal.push({ operation, error }) });
    return pair.client;
  });
  let newest: Topology | null = null;
  client.subscribe('topology.watch', { clusterId: 'demo' }, { item: (topology) => { newest = topology; } });
  return {
    client,
    picture: () => newest,
    async until(what, accept, timeoutMs = 60_000) {
      try {
        return await waitFor(what, () => newest !== null && accept(newest) && newest, { timeoutMs });
      } catch (error) {
        throw new Error(`${String(error)}\nlast picture: ${outline(newest)}`, { cause: error });
      }
    },
    journal: async () => (await client.call('journal.list', { limit: 500 })).entries,
    async [Symbol.asyncDispose]() {
      client.close();
      await room.close();
      if (internal.length > 0) throw new Error('errors inside the control room', { cause: internal });
    },
  };
}

function outline(topology: Topology | null): string {
  if (topology === null) return 'none';
  const { lifecycle, freshness, master, databaseState, balancer, nodes } = topology;
  return JSON.stringify({
    lifecycle, freshness, master, databaseState, balancer: balancer?.state,
    nodes: nodes.map(({ nodeId, observed, process, note, ageMs }) => ({ nodeId, observed, process: process?.state, note, ageMs })),
  });
}

export function authorization({ admin }: DemoDescription): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${admin.user}:${admin.password}`).toString('base64')}` };
}

export async function deploy(demo: DemoDescription, path: string, content: Uint8Array<ArrayBuffer>): Promise<number> {
  const response = await fetch(`${demo.balancer}/artifactory/generic-local/${path}`, { method: 'PUT', headers: authorization(demo), body: content });
  await response.arrayBuffer();
  return response.status;
}

/** SHA-256 of what `base` (balancer or a node) answers for the path; the status where that is not 200. */
export async function digestAt(demo: DemoDescription, base: string, path: string): Promise<string> {
  const response = await fetch(`${base}/artifactory/generic-local/${path}`, { headers: authorization(demo) });
  const body = new Uint8Array(await response.arrayBuffer());
  return response.status === 200 ? sha256(body) : `status ${String(response.status)}`;
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Pids of live processes whose command line names the folder. */
export async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => {
    const command = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
    const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
    return command.split('\0').some((argument) => argument.startsWith(folder)) && !stat.includes(') Z ') ? pid : null;
  }));
  return found.filter((pid) => pid !== null);
}
