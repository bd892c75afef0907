import { autocannon } from './autocannon.ts';
import type { Asked, Load } from './load.ts';
import { hasWrk, wrk } from './wrk.ts';

export type { Asked, Load } from './load.ts';
export { LoadFailed } from './load.ts';

const present = hasWrk();

/** The program that makes the load, for the report. */
export async function generatorName(): Promise<string> {
  return await present ? 'wrk, one thread' : 'autocannon (a Node.js program: the limit against fast servers)';
}

/** Asks a server as fast as it answers for one slice. */
export async function load(asked: Asked): Promise<Load> {
  return await present ? wrk(asked) : autocannon(asked);
}
