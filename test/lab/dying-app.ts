import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { RunSummary } from '../../electron/contract/index.ts';
import { projectRoot } from '../../scripts/build.ts';
import { killAtExit } from '../harness/processes.ts';
import { waitFor } from '../harness/wait-for.ts';
import type { LanRoom } from './lan-room.ts';

/** Starts of the app that are killed in the middle of a run, and what another one on the same state makes of it. */
export class DyingApp {
  readonly #room: LanRoom;
  readonly #stateDir: string;

  /** @param room another program on the same state, which lives on */
  constructor(room: LanRoom, stateDir: string) {
    this.#room = room;
    this.#stateDir = stateDir;
  }

  /** @param args of dying-room.ts, but for the folder */
  start(...args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [join(projectRoot, 'test/lab/dying-room.ts'), this.#stateDir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    killAtExit(child);
    return child;
  }

  /** An app that dies when the step begins. Resolves to the run of the node, once it counts as interrupted. */
  async dieAt(step: string, ...args: readonly string[]): Promise<RunSummary> {
    const child = this.start(step, ...args);
    const said = Promise.all([text(child.stdout!), text(child.stderr!)]);
    const [, signal] = await once(child, 'exit') as [number | null, string | null];
    if (signal !== 'SIGKILL') throw new Error(`it did not come to ${step}: ${(await said).join('')}`);
    return this.interrupted(step);
  }

  interrupted(step: string): Promise<RunSummary> {
    return waitFor(`the run to be seen as interrupted at ${step}`, async () => (await this.all()).find(({ kind }) => kind === 'provision'));
  }

  /** Every run that was interrupted and that nobody has gone on with. */
  async all(): Promise<RunSummary[]> {
    return (await this.#room.client.call('runs.list', {})).filter(({ state }) => state === 'interrupted');
  }
}
