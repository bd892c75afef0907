import type { DemoFolder } from './folder.ts';
import { PostgresServer } from './postgres/index.ts';
import { findByArguments, sendSignal, waitForEnd, type ProcessIdentity, type ProcessRegistry } from './process/index.ts';

/** Ends one process in order (SIGTERM), by force after `patienceMs`. A frozen one is thawed first, so that it can hear. */
export async function endProcess(identity: ProcessIdentity, patienceMs: number): Promise<void> {
  await sendSignal(identity, 'SIGTERM');
  if (process.platform !== 'win32') await sendSignal(identity, 'SIGCONT');
  if (await waitForEnd(identity, patienceMs)) return;
  await sendSignal(identity, 'SIGKILL');
  await waitForEnd(identity, 5000);
}

/** Ends the recorded database by its own fast shutdown; it must be the last to go. */
export async function endDatabase(folder: DemoFolder, identity: ProcessIdentity, patienceMs = 15_000): Promise<void> {
  const server = await PostgresServer.in(folder.postgres);
  await server.stop(identity, patienceMs);
}

/** All live processes of a data folder: those recorded, and those a launcher had no time to record. */
export async function findLeftovers(
  folder: DemoFolder, registry: ProcessRegistry, configNames: readonly string[],
): Promise<{ database: ProcessIdentity[]; others: ProcessIdentity[] }> {
  const recorded = (await registry.see()).filter((seen) => seen.condition !== 'stopped');
  const database = new Map<number, ProcessIdentity>();
  const others = new Map<number, ProcessIdentity>();
  for (const seen of recorded) (seen.kind === 'database' ? database : others).set(seen.pid, seen);
  for (const name of configNames) {
    for (const found of await findByArguments('--config', folder.configFile(name))) others.set(found.pid, found);
  }
  const server = await PostgresServer.in(folder.postgres);
  for (const found of await findByArguments('-D', server.data)) database.set(found.pid, found);
  // a creation that goes on after its launcher has died: initdb, then the single-user server
  for (const option of ['--pgdata', '-D']) {
    for (const found of await findByArguments(option, server.unfinished)) others.set(found.pid, found);
  }
  return { database: [...database.values()], others: [...others.values()] };
}

/** Ends what an earlier launcher left behind: quickly, but with the chance to leave the cluster in order. */
export async function clearLeftovers(folder: DemoFolder, registry: ProcessRegistry, configNames: readonly string[]): Promise<number> {
  const { database, others } = await findLeftovers(folder, registry, configNames);
  await Promise.all(others.map(async (identity) => {
    await sendSignal(identity, 'SIGTERM');
    // the second one says: at once
    await new Promise((resolve) => setTimeout(resolve, 50));
    await endProcess(identity, 2000);
  }));
  await Promise.all(database.map((identity) => endDatabase(folder, identity, 5000)));
  await registry.forgetAll();
  return others.length + database.length;
}
