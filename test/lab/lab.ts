import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostTarget } from '../../electron/control/ssh/index.ts';
import { startPostgres, type TestPostgres } from '../harness/postgres.ts';
import { baseImage } from './base-image.ts';
import { cacheFolder, gateway, labFolder, subnet, users, type LabUser } from './constants.ts';
import { LabHost, type HostOptions } from './host.ts';
import { layBridge } from './network.ts';
import { becomeOwner, giveUpOwnership } from './owner.ts';
import { run } from './system.ts';
import { takeDown } from './take-down.ts';
import { watchOver } from './watchdog.ts';

export interface LabOptions {
  readonly hosts: readonly HostOptions[];
  /** a PostgreSQL at the gateway's address; default false */
  readonly database?: boolean;
  /** how long another lab on this machine is waited for; default 100 s */
  readonly waitMs?: number;
  readonly say?: (line: string) => void;
}

/** Machines with their own addresses on one wire, and what they share. */
export class Lab implements AsyncDisposable {
  readonly hosts: readonly LabHost[];
  /** reached by the hosts at `gateway` */
  readonly database: TestPostgres | undefined;
  readonly gateway = gateway;
  /** private key that every user of every host accepts */
  readonly keyFile = join(labFolder, 'key');
  /** on this machine; the hosts see it at /srv/bulkhead */
  readonly share: string;
  readonly #callOffWatch: () => void;
  readonly #onExit: () => void;

  constructor(hosts: readonly LabHost[], database: TestPostgres | undefined, share: string, callOffWatch: () => void, onExit: () => void) {
    this.hosts = hosts;
    this.database = database;
    this.share = share;
    this.#callOffWatch = callOffWatch;
    this.#onExit = onExit;
  }

  host(name: string): LabHost {
    const found = this.hosts.find((host) => host.name === name);
    if (found === undefined) throw new Error(`the lab has no host ${name}`);
    return found;
  }

  /** How a control room reaches a host. */
  target(name: string, user: LabUser = 'ops', jump: readonly HostTarget[] = []): HostTarget {
    const host = this.host(name);
    return { address: host.address, port: host.sshPort, user: user === 'root' ? 'root' : users[user].name, jump };
  }

  async stop(): Promise<void> {
    process.off('exit', this.#onExit);
    takeDown();
    this.#callOffWatch();
    giveUpOwnership(process.pid);
    await this.database?.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/**
 * Brings hosts up and resolves when all answer SSH. Clears away first what a lab that died has left. One lab runs on a
 * machine at a time: another one is waited for.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const say = options.say ?? ((): void => undefined);
  await becomeOwner(options.waitMs ?? 100_000);
  const callOffWatch = watchOver();
  const onExit = (): void => { takeDown(); };
  process.once('exit', onExit);
  let database: TestPostgres | undefined;
  try {
    takeDown();
    const image = await baseImage(say);
    await mkdir(labFolder, { recursive: true });
    // memory, because the machine's own disk may be an overlay already, on which no other can lie
    await run('mount', '-t', 'tmpfs', '-o', 'size=8g,mode=755', 'tmpfs', labFolder);
    const share = join(labFolder, 'share');
    await mkdir(share);
    const keyFile = join(labFolder, 'key');
    await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', keyFile);
    const publicKey = await readFile(`${keyFile}.pub`, 'utf8');
    await layBridge();
    const names = (): string => ['127.0.0.1 localhost', `${gateway} gateway`, ...hosts.map(({ address, name }) => `${address} ${name}`), ''].join('\n');
    const hosts: readonly LabHost[] = options.hosts.map((each, index) => new LabHost(index + 1, each, image, share, names));
    for (const host of hosts) await host.prepare(publicKey);
    const starting = options.database === true ? startPostgres({ listen: { address: gateway, allow: subnet } }) : undefined;
    const booted = await Promise.allSettled([...hosts.map((host) => host.boot()), starting?.then((server) => { database = server; })]);
    for (const each of booted) if (each.status === 'rejected') throw each.reason;
    return new Lab(hosts, database, share, callOffWatch, onExit);
  } catch (error) {
    process.off('exit', onExit);
    takeDown();
    callOffWatch();
    giveUpOwnership(process.pid);
    await database?.stop();
    throw error;
  }
}

/** Removes what earlier labs have left, the base images too when `images` is true. */
export async function clearAway(images: boolean): Promise<void> {
  await becomeOwner(0);
  takeDown();
  giveUpOwnership(process.pid);
  if (images) await rm(cacheFolder, { recursive: true, force: true });
}
