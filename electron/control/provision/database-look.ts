import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { asBulkheadError, databaseServers, serverAddress, type BulkheadError } from '../../../server-bundle/contract/index.ts';
import { databaseFacts, type DatabaseFacts, type DatabaseTrial } from '../../contract/index.ts';
import type { DatabaseLook } from '../preflight/index.ts';
import { checkDatabase } from './commands/node.ts';
import { paths } from './paths.ts';
import { asRoot, script } from './remote-command.ts';
import type { RemoteHost } from './remote-host.ts';
import { refusalOf } from './steps/first-admin.ts';
import type { NodeTarget } from './target.ts';

type TryDatabase = (trial: DatabaseTrial, signal: AbortSignal) => Promise<DatabaseFacts>;

/**
 * Signs in to the database from a host on which nothing has to be installed: this machine's program does, through a connection that the
 * host makes. Where the host lets none through, its own node does, if there is one.
 */
export async function lookAtDatabase(host: RemoteHost, target: NodeTarget, password: string | undefined, tryDatabase: TryDatabase, signal: AbortSignal): Promise<DatabaseLook> {
  const { database } = target;
  const servers = databaseServers(database.host, database.port) ?? [];
  const doors = await Promise.all(servers.map((server) => openDoor(host, server.host, server.port)));
  const named = servers.map(serverAddress).join(' or ');
  try {
    const facts = await tryDatabase({
      host: doors.map((door) => `127.0.0.1:${String(door.port)}`).join(','), port: database.port, name: database.name, user: database.user, keepForOthers: database.keepForOthers, ...(password === undefined ? {} : { password }),
    }, signal);
    return { kind: 'facts', facts, clockOf: 'this machine' };
  } catch (error) {
    signal.throwIfAborted();
    const lost = doors.find((door) => door.failure() !== null)?.failure() ?? null;
    if (lost?.code === 'FORWARDING_DENIED') return await lookFromNode(host, target, signal) ?? { kind: 'later', reason: 'its SSH server lets no connection through' };
    if (lost?.code === 'FORWARDING_FAILED') return { kind: 'refused', found: `From this host ${named} cannot be reached`, fix: 'See what "database-port" says.' };
    if (lost === null && !doors.some((door) => door.wasOpened())) return { kind: 'refused', found: `From this host ${named} does not answer`, fix: 'See what "database-port" says.' };
    const { message, hint } = asBulkheadError(lost ?? error).toBody();
    const found = doors.reduce((text, door, at) => text.replaceAll(`127.0.0.1:${String(door.port)}`, serverAddress(servers[at] ?? database)), message);
    return { kind: 'refused', found, fix: hint };
  } finally {
    await Promise.all(doors.map((door) => door.close()));
  }
}

/** With the node's own configuration; null when there is no node. */
async function lookFromNode(host: RemoteHost, { serviceUid, serviceGid }: NodeTarget, signal: AbortSignal): Promise<DatabaseLook | null> {
  const there = await host.run(asRoot(...script('[ -x "$1" ] && [ -e "$2" ]', `${paths.current}/node`, paths.configFile)), signal);
  if (there.exitCode !== 0) return null;
  const { exitCode, stdout, stderr } = await host.run(checkDatabase(serviceUid, serviceGid), signal);
  if (exitCode === 0) return { kind: 'facts', facts: databaseFacts.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')), clockOf: 'host' };
  const { message, hint } = refusalOf(stderr);
  return { kind: 'refused', found: message, fix: hint };
}

interface Door {
  /** on this machine's loopback */
  readonly port: number;
  /** why the host made no connection */
  failure(): BulkheadError | null;
  /** whether a connection was made at all */
  wasOpened(): boolean;
  close(): Promise<void>;
}

/** What connects to the door comes out on the host. */
async function openDoor(host: RemoteHost, address: string, port: number): Promise<Door> {
  let failure: BulkheadError | null = null;
  let opened = false;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    host.forward(address, port).then((stream) => {
      opened = true;
      if (socket.destroyed) stream.destroy();
      stream.on('error', () => { socket.destroy(); });
      stream.on('close', () => { socket.destroy(); });
      socket.on('close', () => { stream.destroy(); });
      socket.pipe(stream).pipe(socket);
    }, (error: unknown) => {
      failure = asBulkheadError(error);
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    failure: () => failure,
    wasOpened: () => opened,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      // nobody reads from one whose other end the host is still trying to make: it would not notice its own end
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
