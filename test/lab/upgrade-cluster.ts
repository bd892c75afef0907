import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { UpgradeRun } from '../../electron/contract/index.ts';
import { ensureBuilt, projectRoot } from '../../scripts/build.ts';
import { ClusterBalancer } from '../harness/cluster-processes.ts';
import { freePort } from '../harness/free-port.ts';
import { buildNextVersion } from '../harness/next-version.ts';
import { RawLoad } from '../harness/raw-load.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { resetAdmin } from './node-client.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** as in production: HAProxy and Apache learn of a drain by their checks, every second */
const drainNoticeMs = 3000;
const current = join(projectRoot, 'out', 'server-bundle', 'bulkhead-node.cjs');

interface Parts {
  readonly lab: Lab;
  readonly folder: TemporaryFolder;
  readonly room: LanRoom;
  readonly names: readonly string[];
  readonly first: string;
  readonly admin: { readonly user: string; readonly password: string };
  readonly balancer: ClusterBalancer;
  readonly undo: AsyncDisposableStack;
}

/** A cluster on hosts behind Bulkhead's own balancer, and the app in one version after the other. */
export class UpgradeCluster implements AsyncDisposable {
  readonly clusterId = 'art';
  readonly lab: Lab;
  readonly names: readonly string[];
  /** the release that it was made with */
  readonly first: string;
  readonly admin: Parts['admin'];
  readonly balancer: ClusterBalancer;
  readonly drainNoticeMs = drainNoticeMs;
  readonly #folder: TemporaryFolder;
  readonly #undo: AsyncDisposableStack;
  #room: LanRoom;

  constructor({ lab, folder, room, names, first, admin, balancer, undo }: Parts) {
    this.lab = lab;
    this.names = names;
    this.first = first;
    this.admin = admin;
    this.balancer = balancer;
    this.#folder = folder;
    this.#undo = undo;
    this.#room = room;
  }

  /** of the app that was opened last */
  get client(): LanRoom['client'] {
    return this.#room.client;
  }

  /** A folder of the app's state; a name of its own for each desktop. */
  state(desktop = 'state'): string {
    return stateIn(this.#folder, desktop);
  }

  /** The bundle of a version; one that `startUpgradeCluster` was asked for. */
  bundle(version: string): string {
    return bundleIn(this.#folder, version);
  }

  /** The app is closed, and opened in another version. */
  async reopen(version: string, desktop?: string): Promise<LanRoom> {
    await this.#room.close();
    this.#room = await openLanRoom(this.state(desktop), { bundle: this.bundle(version), version });
    return this.#room;
  }

  /** Closes the app, as before a desktop of its own does something. */
  close(): Promise<void> {
    return this.#room.close();
  }

  /** Clients that never try again, through the balancer. */
  load(): RawLoad {
    return new RawLoad({ url: this.balancer.url, ...this.admin });
  }

  /** The release that a host runs. */
  async release(name: string): Promise<string> {
    return releaseOn(this.lab, name);
  }

  /** Those that all hosts run. */
  releases(): Promise<string[]> {
    return Promise.all(this.names.map((name) => this.release(name)));
  }

  /** Those that are on a host. */
  async kept(name: string): Promise<string[]> {
    return (await this.lab.host(name).run('ls', '/opt/bulkhead/releases')).trim().split('\n').sort();
  }

  /** What the node itself says to a balancer that asks. */
  async ping(name: string): Promise<string> {
    return (await fetch(`http://${this.lab.target(name).address}:8081/artifactory/api/system/ping`).catch(() => null))?.text() ?? '';
  }

  /** Of whichever node the balancer asks. */
  async version(): Promise<string> {
    const answer = await this.balancer.client.get('/api/system/version');
    return (JSON.parse(answer.text()) as { revision: string }).revision;
  }

  /** Until the latest run has come to a stand. */
  async ended(): Promise<UpgradeRun> {
    return new Promise((resolve, reject) => {
      const stop = this.client.subscribe('upgrade.watch', { clusterId: this.clusterId }, {
        item: (run) => {
          if (run === null || ['running', 'pausing', 'rolling-back'].includes(run.state)) return;
          stop();
          resolve(run);
        },
        error: reject,
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#room.close();
    await this.#undo.disposeAsync();
  }
}

/** How a run has ended, and what became of each node. */
export const outcomeOf = ({ state, failure, nodes }: UpgradeRun): unknown => [state, failure?.message ?? null, nodes.map((node) => [node.nodeId, node.state])];

/**
 * Brings hosts of these names up and makes each a node.
 * @param versions built beside: each differs from the one before it in schema and messages, and one that `endsWith` a status does not come up
 */
export async function startUpgradeCluster(names: readonly string[], versions: readonly { readonly version: string; readonly endsWith?: number }[]): Promise<UpgradeCluster> {
  await using started = new AsyncDisposableStack();
  await ensureBuilt(['node']);
  const folder = started.use(await temporaryFolder('upgrade'));
  const builds = Promise.all(versions.map((each) => buildNextVersion(bundleIn(folder, each.version), each)));
  // told below: hosts that are on their way up have to be in hand before anything may fail
  builds.catch(() => undefined);
  const lab = started.use(await startLab({ hosts: names.map((name) => ({ name })), database: 'process' }));
  await builds;
  // closed by the cluster, which may have opened another one since
  const room = await openLanRoom(stateIn(folder));
  try {
    await addHosts(room, lab, ...names);
    await createLanCluster(room, lab, 'art', drainNoticeMs);
    for (const { nodeId, state, failure } of await room.client.call('nodes.provision', { clusterId: 'art', hostIds: [...names] })) {
      if (state !== 'done') throw new Error(`${nodeId} was not provisioned: ${failure?.message ?? state}`);
    }
    const admin = await resetAdmin(lab.host(names[0] ?? ''));
    await room.client.call('clusters.password', { clusterId: 'art', password: admin.password });
    const balancer = await startBalancer(lab, names, folder, admin);
    started.defer(() => balancer.end());
    return new UpgradeCluster({ lab, folder, room, names, first: await releaseOn(lab, names[0] ?? ''), admin, balancer, undo: started.move() });
  } catch (error) {
    await room.close();
    throw error;
  }
}

/** Bulkhead's own, on this machine. */
async function startBalancer(lab: Lab, names: readonly string[], folder: TemporaryFolder, admin: Parts['admin']): Promise<ClusterBalancer> {
  const [port, configFile] = [await freePort(), join(folder.path, 'balancer.yaml')];
  await writeFile(configFile, stringify({
    listen: { host: '127.0.0.1', port }, health: { intervalMs: 50, timeoutMs: 2000 },
    backends: names.map((name) => ({ nodeId: name, url: `http://${lab.target(name).address}:8081` })),
  }));
  const balancer = new ClusterBalancer({ port, configFile, bundle: current, folder: folder.path, admin });
  try {
    await balancer.start();
    await waitFor('a node behind the balancer', async () => (await balancer.client.get('/api/system/ping')).status === 200);
    return balancer;
  } catch (error) {
    await balancer.end();
    throw error;
  }
}

const stateIn = (folder: TemporaryFolder, desktop = 'state'): string => join(folder.path, desktop);
const bundleIn = (folder: TemporaryFolder, version: string): string => join(folder.path, version, 'bulkhead-node.cjs');
const releaseOn = async (lab: Lab, name: string): Promise<string> => (await lab.host(name).run('readlink', '/opt/bulkhead/current')).trim().replace('releases/', '');
