import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DemoFolder } from './folder.ts';
import { conditionOf, writeAtomically, type SeenProcess } from './process/index.ts';

const runState = z.object({
  startedAt: z.number(),
  /** whoever runs the demo in the foreground and stops it at the end; null when it runs for itself */
  owner: z.object({ pid: z.number().int(), startedAs: z.string() }).nullable(),
});
type RunState = z.infer<typeof runState>;

function fileOf(folder: DemoFolder): string {
  return join(folder.path, 'running.json');
}

/** Written when a start is complete, removed when a stop begins: without it, processes are left over from something broken off. */
export async function writeRunState(folder: DemoFolder, state: RunState): Promise<void> {
  await writeAtomically(fileOf(folder), `${JSON.stringify(state)}\n`);
}

export async function forgetRunState(folder: DemoFolder): Promise<void> {
  await rm(fileOf(folder), { force: true });
}

/**
 * True when the cluster stands as a complete start left it, whatever happened to single nodes since. One whose
 * foreground launcher has died is left over, and so is one without its balancer.
 */
export async function isStanding(folder: DemoFolder, processes: readonly SeenProcess[]): Promise<boolean> {
  const state = await readRunState(folder);
  if (state === null) return false;
  if (state.owner !== null && (await conditionOf(state.owner)) === 'stopped') return false;
  return processes.some((seen) => seen.kind === 'balancer' && seen.condition !== 'stopped');
}

async function readRunState(folder: DemoFolder): Promise<RunState | null> {
  try {
    return runState.parse(JSON.parse(await readFile(fileOf(folder), 'utf8')));
  } catch {
    return null;
  }
}
