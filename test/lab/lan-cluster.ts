import { join } from 'node:path';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab, type LabOptions } from './lab.ts';
import { NodeClient, adminOf } from './node-client.ts';

/** A cluster that serves on hosts of a lab of its own, with the default timing. */
export class LanNodes implements AsyncDisposable {
  readonly lab: Lab;
  readonly room: LanRoom;
  readonly names: readonly string[];
  readonly databaseName: string;
  readonly #authorization: string;
  readonly #undo: AsyncDisposableStack;

  constructor(undo: AsyncDisposableStack, { lab, room, names, databaseName, authorization }: Pick<LanNodes, 'lab' | 'room' | 'names' | 'databaseName'> & { readonly authorization: string }) {
    this.lab = lab;
    this.room = room;
    this.names = names;
    this.databaseName = databaseName;
    this.#authorization = authorization;
    this.#undo = undo;
  }

  /** the administrator */
  get admin(): { readonly user: string; readonly password: string } {
    const [user = '', password = ''] = Buffer.from(this.#authorization.replace('Basic ', ''), 'base64').toString().split(':');
    return { user, password };
  }

  at(name: string): NodeClient {
    return new NodeClient(this.lab.target(name).address, this.#authorization);
  }

  /** By the row that decides. Throws when nobody is. */
  async master(): Promise<{ readonly nodeId: string; readonly epoch: number }> {
    const [row] = await this.lab.database!.query('select node_id, epoch::int as epoch from leadership where node_id is not null', this.databaseName);
    if (row === undefined) throw new Error('nobody is master');
    return { nodeId: String(row['node_id']), epoch: Number(row['epoch']) };
  }

  async untilServing(timeoutMs: number, everyMs = 50): Promise<void> {
    await Promise.all(this.names.map((name) => waitFor(`${name} to serve`, async () => (await this.at(name).get('api/system/ping', 1000))?.text === 'OK', { timeoutMs, everyMs })));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#undo.disposeAsync();
  }
}

/** Brings hosts of these names up and makes each a node. */
export async function startLanNodes(names: readonly string[], options: Omit<LabOptions, 'hosts'>): Promise<LanNodes> {
  await ensureBuilt(['node']);
  await using started = new AsyncDisposableStack();
  const lab = started.use(await startLab({ ...options, hosts: names.map((name) => ({ name })) }));
  const folder = started.use(await temporaryFolder('lan-nodes'));
  const room = started.use(await openLanRoom(join(folder.path, 'state')));
  await addHosts(room, lab, ...names);
  await createLanCluster(room, lab, 'art');
  const databaseName = (await room.client.call('clusters.lan', {}))[0]!.settings.database.name;
  for (const { nodeId, state, failure } of await room.client.call('nodes.provision', { clusterId: 'art', hostIds: [...names] })) {
    if (state !== 'done') throw new Error(`${nodeId} was not provisioned: ${failure?.message ?? state}`);
  }
  const authorization = await adminOf(lab.host(names[0] ?? ''));
  return new LanNodes(started.move(), { lab, room, names, databaseName, authorization });
}
