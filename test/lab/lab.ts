import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostTarget } from '../../electron/control/ssh/index.ts';
import { startPostgres, type TestPostgres } from '../harness/postgres.ts';
import { claimSlot, ownerOf, tryToClaim, type Claim } from './claim.ts';
import { cacheFolder, users, type LabUser } from './constants.ts';
import { DatabaseHost, type LabDatabase } from './database-host.ts';
import { LabHost, type HostOptions } from './host.ts';
import { image, type ImageName } from './images.ts';
import { layBridge } from './network.ts';
import { slots } from './slot.ts';
import { run } from './system.ts';
import { takeDown } from './take-down.ts';
import { watchOver } from './watchdog.ts';

export interface LabOptions {
  readonly hosts: readonly HostOptions[];
  /**
   * A PostgreSQL under the name `database`. `host`: on a host of its own, which can be cut off and lose its power. `replicated`: on two,
   * the other one called `standby`; commits wait for it. `process`: on this machine, where no test is about it. Default: none
   */
  readonly database?: 'process' | 'host' | 'replicated';
  /** how long another lab on this machine is waited for; default 100 s */
  readonly waitMs?: number;
  readonly say?: (line: string) => void;
}

/** Machines with their own addresses on one wire, and what they share. */
export class Lab implements AsyncDisposable {
  /** those of the database too */
  readonly hosts: readonly LabHost[];
  /** reached by the hosts at `databaseAddress`; the primary of a replicated one */
  readonly database: LabDatabase | undefined;
  /** servers of the database that are hosts, the primary first */
  readonly databaseHosts: readonly DatabaseHost[];
  /** this machine, as the hosts see it */
  readonly gateway: string;
  /** a host can be cut from it alone, also where it is this machine */
  readonly databaseAddress: string;
  /** private key that every user of every host accepts */
  readonly keyFile: string;
  /** on this machine; the hosts see it at /srv/bulkhead */
  readonly share: string;
  readonly #process: TestPostgres | undefined;
  readonly #takeDown: () => void;

  /** @param end takes the hosts down and gives the place up */
  constructor({ slot }: Claim, hosts: readonly LabHost[], database: TestPostgres | readonly DatabaseHost[], end: () => void) {
    this.hosts = hosts;
    this.#process = 'length' in database ? undefined : database;
    this.databaseHosts = 'length' in database ? database : [];
    const [primary] = this.databaseHosts;
    this.database = this.#process ?? primary;
    this.gateway = slot.gateway;
    this.databaseAddress = primary?.address ?? slot.databaseAddress;
    this.keyFile = join(slot.folder, 'key');
    this.share = join(slot.folder, 'share');
    this.#takeDown = end;
  }

  host(name: string): LabHost {
    const found = this.hosts.find((host) => host.name === name);
    if (found === undefined) throw new Error(`the lab has no host ${name}`);
    return found;
  }

  /** How a control room reaches a host: the one that it is behind comes in between. */
  target(name: string, user: LabUser = 'ops', via?: readonly HostTarget[]): HostTarget {
    const host = this.host(name);
    const { behind } = host.options;
    const jump = via ?? (behind === undefined ? [] : [this.target(behind)]);
    return { address: host.address, port: host.sshPort, user: user === 'root' ? 'root' : users[user].name, jump };
  }

  async stop(): Promise<void> {
    this.#takeDown();
    await this.#process?.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/**
 * Brings hosts up and resolves when all answer SSH. Clears away first what a lab that died has left in its place. A machine has
 * room for a few labs at a time; while there is none, a free place is waited for.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const say = options.say ?? ((): void => undefined);
  const claim = await claimSlot(options.waitMs ?? 200_000);
  const { slot } = claim;
  const callOffWatch = watchOver(slot);
  const onExit = (): void => { takeDown(slot); };
  process.once('exit', onExit);
  const end = (): void => {
    process.off('exit', onExit);
    takeDown(slot);
    callOffWatch();
    claim.release();
  };
  let database: TestPostgres | undefined;
  try {
    takeDown(slot);
    const wanted = [...serversOf(options), ...options.hosts];
    const images = new Map<ImageName, string>();
    for (const { image: name = 'plain' } of wanted) if (!images.has(name)) images.set(name, await image(name, say));
    await mkdir(slot.folder, { recursive: true });
    // memory, because the machine's own disk may be an overlay already, on which no other can lie
    await run('mount', '-t', 'tmpfs', '-o', 'size=8g,mode=755', 'tmpfs', slot.folder);
    const share = join(slot.folder, 'share');
    await mkdir(share);
    const keyFile = join(slot.folder, 'key');
    await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', keyFile);
    const publicKey = await readFile(`${keyFile}.pub`, 'utf8');
    await layBridge(slot);
    const outside = options.database === 'process' ? [`${slot.databaseAddress} database`, `${slot.databaseAddressV6} database`] : [];
    const names = (): string => ['127.0.0.1 localhost', `${slot.gateway} gateway`, ...outside, ...hosts.map(({ address, name }) => `${address} ${name}`), ''].join('\n');
    const hosts: readonly LabHost[] = wanted.map((each, index) => new LabHost(slot, index + 1, each, images.get(each.image ?? 'plain') ?? '', share, names));
    const password = randomBytes(18).toString('base64url');
    const servers = hosts.filter((host) => host.options.image === 'database').map((host) => new DatabaseHost(host, password));
    for (const host of hosts) await host.prepare(publicKey);
    for (const server of servers) await server.prepare([slot.subnet, slot.subnetV6]);
    const starting = options.database === 'process' ? startPostgres({
      // as on a real server: a check asks for it
      settings: { fsync: true, full_page_writes: true }, listen: { addresses: [slot.databaseAddress, slot.gateway, slot.databaseAddressV6], allow: [slot.subnet, slot.subnetV6] },
    }) : undefined;
    const startedAt = performance.now();
    const booted = await Promise.allSettled([...hosts.map((host) => host.boot()), starting?.then((server) => { database = server; })]);
    for (const each of booted) if (each.status === 'rejected') throw each.reason;
    say(`${hosts.length} hosts answer after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    const [primary, ...standbys] = servers;
    await primary?.open();
    for (const standby of standbys) await standby.follow(primary!, { synchronous: true });
    return new Lab(claim, hosts, database ?? servers, end);
  } catch (error) {
    end();
    await database?.stop();
    throw error;
  }
}

function serversOf({ database }: LabOptions): HostOptions[] {
  const names = database === 'replicated' ? ['database', 'standby'] : database === 'host' ? ['database'] : [];
  return names.map((name) => ({ name, image: 'database' }));
}

/** Removes what labs that died have left, the base images too when `images` is true. Resolves to who has a lab that runs; it is left alone. */
export async function clearAway(images: boolean): Promise<string[]> {
  const others: string[] = [];
  for (const slot of slots) {
    const claim = await tryToClaim(slot);
    if (claim === undefined) {
      others.push(await ownerOf(slot));
      continue;
    }
    takeDown(slot);
    claim.release();
  }
  if (images && others.length === 0) await rm(cacheFolder, { recursive: true, force: true });
  return others;
}
